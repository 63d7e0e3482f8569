-- wraps: lines
-- detect: ^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+(?:Z|[+-]\d\d:\d\d) (?:stdout|stderr) [FP] 
-- Kubernetes CRI: STAMP STREAM TAG CONTENT, the tag F for a full line and P for a part (kubelet pkg/kubelet/kuberuntime/logs).
select
    pos,
    substring(line, strlen(split_part(line, ' ', 1)) + strlen(split_part(line, ' ', 2)) + strlen(split_part(line, ' ', 3)) + 4) as line
from lines
