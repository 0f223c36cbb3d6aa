"""Cases: what is asked, what an answer must and must not hold, the sets of them, and when words count as found."""
