select exists (from undecided_addresses) or exists (from response_templates where category is null)
