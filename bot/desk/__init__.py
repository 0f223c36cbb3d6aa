"""The staff's desk at work: questions taken in and grouped, answers proved by asking, published and asked again."""
