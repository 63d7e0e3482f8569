-- What a mail server said, taken apart. RE2 only (linear time): the text comes from strangers.

-- The SMTP reply code (RFC 5321 section 4.2): at the start, behind a word of the MTA that logged it ("said: 550", "smtp; 550"),
-- or before an enhanced status code. Numbers inside a sentence ("in 300 seconds") are none.
create or replace temp macro reply_code(reply) as try_cast(coalesce(
    nullif(regexp_extract(reply, '^[\s''"(\[<]*(?:smtp\s*;\s*)?(25\d|[45]\d\d)(?:[- \t]|$)', 1), ''),
    nullif(regexp_extract(reply, '[:;(''"\[<>#]\s*([45]\d\d)(?:[- \t:,."'')\]]|$)', 1), ''),
    nullif(regexp_extract(reply, '\b([245]\d\d)[- ]\(?#?[245]\.\d{1,3}\.\d{1,3}\b', 1), '')
) as usmallint);

-- The first enhanced status code (RFC 3463): never part of an IP address, never a program's version ("Exim 4.96.2").
create or replace temp macro reply_status(reply) as coalesce(
    nullif(regexp_extract(
        reply, '(?:^|[245]\d\d[- ]\s*|[#(;])\(?#?([245]\.\d{1,3}\.\d{1,3})(?:[^0-9A-Za-z.]|\.(?:[^0-9]|$)|$)', 1), ''),
    nullif(regexp_extract(
        regexp_replace(reply, '(?i)(?:exim|postfix|sendmail|esmtp|version|ver\.|v)[ /]?\d[\d.]*', '', 'g'),
        '(?:^|[\s''"\[<=:,(])([245]\.\d{1,3}\.\d{1,3})(?:[^0-9A-Za-z.]|\.(?:[^0-9]|$)|$)', 1), '')
);

-- The words of a reply, for phrases: lower case, one blank between words, straight quotes, without the reply codes that start
-- each line of a multi-line reply (Postfix joins the lines by a blank, Exim by a literal \n), without the words that the MTA that
-- logged it put around it (Postfix smtp_proto.c "host X[ip] said: ... (in reply to ...)" and "host X[ip] refused to talk to me:",
-- Exim transports/smtp.c "SMTP error from ...", qmail-remote.c "Remote host said:"), and without a report's courtesies to the sender.
create or replace temp macro reply_words(reply) as trim(regexp_replace(translate(lower(regexp_replace(
    regexp_replace(
        translate(replace(reply, '\n', ' '), '’‘´`“”', '''''''''""'),
        '^(?i:x-postfix|smtp)\s*;\s*|\bhost \S+ ?\[[^\]]*\] (?:said|refused to talk to me):|\bhost \S+ \[[^\]]*\]:|\(in reply to [^)]*\)'
        '|(?:\bhost \S+ \[[^\]]*\] )?SMTP error from remote (?:mail server|mailer) after (?:initial connection|RCPT TO:\S*:|MAIL FROM:\S*(?: SIZE=\S+)?:|[^:]{1,40}:):?'
        '|(?i:\bremote host said:|\bdear sender\b|\b(?:returned|sent back|bounced back) to (?:the |its )?(?:original )?sender\b)',
        ' ', 'g'),
    '(^|[^.\w])(?:[245]\d\d(?:[-\s]|$)(?:#?[245]\.\d{1,3}\.\d{1,3}(?:[-\s]|$))?)+', '\1', 'g')), '_', ' '), '\s+', ' ', 'g'));

-- The template of a reply: what differs from one message to the next becomes {address}, {ip}, {host}, {id}, {time} or {number}.
-- Kept: reply codes, enhanced codes, providers' markers (S3150, TSS04, AUP#1310, AS(201806281)), names of blocklists and of
-- the providers that rules know, hosts of URLs (they are the provider's own help pages).

-- Whoever runs the relay host is in a column of its own: the name here would make a template of each of his hosts. qmail-send logs
-- blanks as underscores.
create or replace temp macro mask_wrapper(reply) as regexp_replace(
    case
        when contains(reply, '_host_said:_') then replace(reply, '_', ' ')
        when contains(reply, '\n') or contains(reply, 'RFC ') then replace(replace(reply, '\n', ' '), 'RFC ', 'RFC')
        else reply
    end,
    '^host [^\s\[\]{}]+\[[^\s\[\]{}]*\] said:', 'host {host}[{ip}] said:');

-- (Chinese, Japanese and Korean have no blank between an address and the words around it.)
create or replace temp macro unspaced() as '\p{Han}\p{Hiragana}\p{Katakana}\p{Hangul}、。，；：（）「」！？';
create or replace temp macro mask_address(reply) as regexp_replace(
    reply,
    '<?(?:"[^"@<>]{1,64}"|[^\s<>@,;:()\[\]"''{}' || unspaced() || ']+)@[^\s<>@,;:()"''{}.' || unspaced() || ']+(?:\.[^\s<>@,;:()"''{}.' || unspaced() || ']+)*>?'
    '|<[^\s<>{}/]+>|''[^\s''{}@]+''|"[^\s"{}@]+"',
    '{address}', 'g');

create or replace temp macro any_time() as '(?:\b\d{4}-\d\d-\d\d[T ]|\b)\d{1,2}:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?'
    '|\b\d{4}-\d\d-\d\d\b|\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d{1,2} [A-Z][a-z]{2} \d{4}\b';
create or replace temp macro mask_ip(reply) as regexp_replace(
    reply, '(?i)(?:\b|IPv6:)(?:\d{1,3}(?:[.]\d{1,3}){3}\b|[0-9a-f]{1,4}:(?:[0-9a-f]{0,4}:){1,6}[0-9a-f]{0,4})', '{ip}', 'g');
create or replace temp macro any_host() as '(?:\b|_)(?:[a-z0-9_-]+\.)+(?:com|net|org|edu|gov|mil|info|biz|name|arpa|local|localdomain|localhost|lan'
    '|internal|intern|invalid|test|example|corp|home|online|email|cloud|[\w-]*xn--[\w-]+|(?-i:[a-z]{2}))\b';
create or replace temp macro any_id() as '\b[\w=+-]*(?:[a-z]\d+[a-z]|\d[a-z]+\d|\d[a-z][a-z_-]*\d)[\w.=+/-]*|\b[0-9a-f]{16,}\b|\b\d{5,}-\w[\w/-]*';
create or replace temp macro mask_number(reply) as regexp_replace(
    reply, '(^|\s\(|[\s=:\[{])(?:\d{1,2}|[0136789]\d\d|\d{4,})(?:\.\d+)?([\s,;)\]}%]|[.]\s|[.]?$|[kmg]?i?b\b)', '\1{number}\2', 'g');

-- What is kept is found together with what is masked, and its group put back, for RE2 cannot look ahead:
-- "{kept}zen.example.org{/kept}" where a name is kept, "{kept}{/kept}" where one is masked.
create or replace temp macro unmark(reply, mask) as replace(replace(replace(reply, '{kept}{/kept}', mask), '{kept}', ''), '{/kept}', '');
create or replace temp macro url_host() as 'https?://[^\s/]*\w';
create or replace temp macro known_name() as '(?:protection\.outlook|hotmail|live|google|yahoo|yahooinc|yahoodns|icloud|apple|comcast'
    '|cloudmark|mimecast|pphosted|proofpoint|messagelabs|iphmx|secureserver|gmx|web|kundenserver|t-online|orange|free|mail|yandex|qq|163|126|naver)'
    '\.(?:com|net|de|fr|ru)';
create or replace temp macro list_name() as '(?:[\w-]*(?:dnsbl|rbl|spam|blacklist|blocklist|uceprotect|barracuda|sorbs|surriel|abuseat|abusix|mailspike|senderscore)[\w-]*'
    '|\b(?:s?bl|xbl|pbl|zen|dbl))\.[a-z0-9-]';
create or replace temp macro mask_hosts_but_known(reply) as unmark(regexp_replace(
    reply, '(?i)(' || url_host() || '|\b[245]\d\d-)|(?:\b[\w-]+\.)*\b(' || known_name() || ')\b|' || any_host(), '{kept}\1\2{/kept}', 'g'), '{host}');
create or replace temp macro mask_hosts_but_lists(reply) as unmark(regexp_replace(
    reply, '(?i)(' || url_host() || '|\b[245]\d\d-)|((?:\b[\w-]+\.)*\b' || list_name() || '[a-z0-9-]*(?:\.[a-z0-9-]+)*\b)'
        '|(?:\b[\w-]+\.)*\b(' || known_name() || ')\b|' || any_host(), '{kept}\1\2\3{/kept}', 'g'), '{host}');

-- Most replies have nothing that is kept, and go the short way: RE2 replaces a whole match (no \1) five times as fast as it finds
-- the groups of one. The second number of two side by side is found by a second look, since the first took the blank between them.
create or replace temp macro has_more(reply) as regexp_matches(
    reply, '(?i)' || url_host() || '|\b[245]\d\d-[\w.-]*\.[a-z]|' || known_name() || '|' || list_name() || '| - gsmtp|' || any_time()
        || '|\d\s\(?(?:\d{1,2}|[0136789]\d\d|\d{4,})(?:\.\d+)?(?:[\s,;)\]}%]|[.]\s|[.]?$|[kmg]?i?b\b)');
create or replace temp macro mask_up_to_hosts(reply) as mask_ip(regexp_replace(reply, any_time(), '{time}', 'g'));
create or replace temp macro mask_ids(reply) as regexp_replace(reply, '(?i)' || any_id(), '{id}', 'g');
create or replace temp macro mask_from_ids(reply) as mask_number(mask_number(mask_ids(regexp_replace(reply, '\s[^\s/]+ - gsmtp', ' {id} - gsmtp', 'g'))));

-- In two steps, since the first alone makes one text of most: who asks for many masks them first, and the rest of each once.
create or replace temp macro mask_addresses(reply) as mask_address(mask_wrapper(reply));
create or replace temp macro mask_rest(reply) as left(case
    when not has_more(reply) then mask_number(mask_ids(regexp_replace(mask_ip(reply), '(?i)' || any_host(), '{host}', 'g')))
    when regexp_matches(reply, '(?i)' || list_name()) then mask_from_ids(mask_hosts_but_lists(mask_up_to_hosts(reply)))
    else mask_from_ids(mask_hosts_but_known(mask_up_to_hosts(reply)))
end, 1000);
create or replace temp macro mask_reply(reply) as mask_rest(mask_addresses(reply));

-- What we had said when the reply came, where the MTA's own words tell (Postfix "in reply to", Exim "after").
create or replace temp macro reply_stage(reply) as case
    when contains(reply, 'in reply to RCPT TO') or contains(reply, 'after RCPT TO') then 'rcpt'
    when contains(reply, 'in reply to end of DATA') or contains(reply, 'after end of data') then 'eom'
    when contains(reply, 'in reply to MAIL FROM') or contains(reply, 'after MAIL FROM') then 'mail'
    when contains(reply, 'in reply to DATA') or contains(reply, 'after DATA') then 'data'
    when contains(reply, 'refused to talk to me:') or contains(reply, 'after initial connection') then 'connect'
    when regexp_matches(reply, 'in reply to (?:EHLO|HELO|LHLO)|after (?:EHLO|HELO|LHLO)') then 'helo'
    when contains(reply, 'in reply to STARTTLS') or contains(reply, 'after STARTTLS') then 'starttls'
    when contains(reply, 'in reply to AUTH') or contains(reply, 'after AUTH') then 'auth'
end;

create or replace temp macro last_labels(host, n) as array_to_string(list_slice(string_split(host, '.'), -n, -1), '.');
