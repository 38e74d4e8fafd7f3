package org.isocentre.store;

import com.sun.management.HotSpotDiagnosticMXBean;
import java.lang.management.ManagementFactory;

/** How much memory the process may take outside the heap. */
final class DirectMemory {
  private DirectMemory() {}

  /** Bytes: {@code -XX:MaxDirectMemorySize}, or as much as the heap where that is not set. */
  static long limit() {
    HotSpotDiagnosticMXBean options =
        ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class);
    long set =
        options == null ? 0 : Long.parseLong(options.getVMOption("MaxDirectMemorySize").getValue());
    return set > 0 ? set : Runtime.getRuntime().maxMemory();
  }
}
