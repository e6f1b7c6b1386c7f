"""What listings sell: which of them found their goods, and what people say of the others."""
