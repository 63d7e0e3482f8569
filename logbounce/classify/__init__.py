"""A category for every reply: once per template, by the first rule that matches."""

from logbounce.classify.templates import classify_templates
from logbounce.classify.texts import Classifier, classify_replies, classify_texts

__all__ = ["Classifier", "classify_replies", "classify_templates", "classify_texts"]
