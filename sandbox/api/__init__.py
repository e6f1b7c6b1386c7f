"""What callers see: the shop's records in BigCommerce's shapes, with its paging, filters and limits."""
