package org.isocentre.leak;

import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Fails each test class that leaks a buffer; registered for all by the service file. */
public final class BufferLeakExtension implements AfterAllCallback {
  static {
    BufferLeaks.watch();
  }

  @Override
  public void afterAll(ExtensionContext context) {
    BufferLeaks.check(context.getDisplayName());
  }
}
