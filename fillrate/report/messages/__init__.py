"""What the customer hears: five messages about the lines of one order, in the merchant's words where he has his own."""
