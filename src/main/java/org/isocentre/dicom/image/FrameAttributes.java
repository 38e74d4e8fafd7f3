package org.isocentre.dicom.image;

import java.util.ArrayList;
import java.util.List;
import org.isocentre.dicom.data.DataSet;
import org.isocentre.dicom.data.Tag;

/**
 * Where what is said of one frame stands: its own functional group, that of all frames, the top of
 * the data set (PS3.3 §C.7.6.16).
 */
final class FrameAttributes {
  private final List<DataSet> groups = new ArrayList<>();
  private final DataSet top;
  private final boolean presented;

  /**
   * @param frame from 0
   */
  FrameAttributes(DataSet top, int frame) {
    this(top, frame, false);
  }

  /**
   * @param presented whether a presentation state says them
   */
  FrameAttributes(DataSet top, int frame, boolean presented) {
    this.top = top;
    this.presented = presented;
    List<DataSet> own = top.items(Tag.PerFrameFunctionalGroupsSequence);
    if (frame < own.size()) {
      groups.add(own.get(frame));
    }
    top.item(Tag.SharedFunctionalGroupsSequence).ifPresent(groups::add);
  }

  DataSet top() {
    return top;
  }

  /** Whether it is a presentation state that says them. */
  boolean isPresented() {
    return presented;
  }

  /**
   * The data set that has an attribute.
   *
   * @param macro sequence of the functional group that may have it
   * @return the top, if nothing has it
   */
  DataSet with(int tag, int macro) {
    for (DataSet group : groups) {
      DataSet item = group.item(macro).orElse(null);
      if (item != null && item.contains(tag)) {
        return item;
      }
    }
    return top;
  }
}
