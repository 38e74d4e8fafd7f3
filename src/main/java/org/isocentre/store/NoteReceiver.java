package org.isocentre.store;

import java.util.List;

/** Takes over the notes of committed objects. */
@FunctionalInterface
public interface NoteReceiver {
  /**
   * Takes some over. They count as delivered when this returns; if it throws, the same come again
   * later. After a restart notes may come again that were delivered before.
   *
   * @param notes in the order of their commits
   */
  void receive(List<byte[]> notes) throws Exception;
}
