package org.isocentre.dicom.edit;

/** Takes what identifies a person out of free text (PS3.15 §E.3.4, §E.3.5). */
@FunctionalInterface
public interface TextCleaner {
  /**
   * @return text that identifies nobody, or null to fall back on the action of the basic profile
   */
  String clean(int tag, String text);
}
