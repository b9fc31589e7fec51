"""Text: alphabets, user data headers and segments; used by smpp, tariffs, quotes and campaigns alike."""
