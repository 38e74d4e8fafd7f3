package org.isocentre.model;

/** A coded value; each part may be null. */
public record Code(String value, String system, String display) {}
