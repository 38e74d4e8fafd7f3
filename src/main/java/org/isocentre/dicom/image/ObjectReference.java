package org.isocentre.dicom.image;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.isocentre.dicom.data.DataSet;
import org.isocentre.dicom.data.Tag;

/**
 * An image that another object names.
 *
 * @param frames from 0; empty for all
 */
public record ObjectReference(String sopInstanceUid, List<Integer> frames) {
  private static final int MAX_DEPTH = 16;

  public ObjectReference {
    frames = List.copyOf(frames);
  }

  /** Of an item of a Referenced Image, or Referenced SOP, Sequence (PS3.3 Table 10-3). */
  static ObjectReference of(DataSet item) {
    return new ObjectReference(
        item.string(Tag.ReferencedSOPInstanceUID),
        Arrays.stream(item.longs(Tag.ReferencedFrameNumber))
            .filter(n -> n > 0 && n <= Integer.MAX_VALUE)
            .mapToObj(n -> (int) n - 1)
            .toList());
  }

  /** Whether it means a frame of an image. */
  boolean means(String instance, int frame) {
    return instance.equals(sopInstanceUid) && (frames.isEmpty() || frames.contains(frame));
  }

  /** The images of a structured report or Key Object Selection, in its order (PS3.3 §C.17.6). */
  public static List<ObjectReference> ofContent(DataSet document) {
    List<ObjectReference> found = new ArrayList<>();
    content(document, 0, found);
    return found;
  }

  private static void content(DataSet item, int depth, List<ObjectReference> found) {
    if (depth > MAX_DEPTH) {
      return;
    }
    for (DataSet child : item.items(Tag.ContentSequence)) {
      if ("IMAGE".equals(child.string(Tag.ValueType))) {
        child.items(Tag.ReferencedSOPSequence).forEach(r -> found.add(of(r)));
      }
      content(child, depth + 1, found);
    }
  }
}
