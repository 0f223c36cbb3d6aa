"""The loop: what stayed unanswered or was disliked, what staff answer to it, and how that is served from then on."""
