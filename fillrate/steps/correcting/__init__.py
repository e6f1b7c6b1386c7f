"""What a person says of an order, a line or a delivery: each word a plan of our own tables, booked at once."""
