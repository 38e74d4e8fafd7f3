package org.isocentre.dicom.edit;

/**
 * A private element that is known to identify nobody (PS3.15 §E.3.10, Table E.3.10-1).
 *
 * @param group odd
 * @param element the last two hex digits of the tag
 */
public record SafePrivate(int group, String creator, int element) {}
