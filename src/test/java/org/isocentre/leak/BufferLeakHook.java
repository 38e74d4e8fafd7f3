package org.isocentre.leak;

import net.jqwik.api.lifecycle.AroundContainerHook;
import net.jqwik.api.lifecycle.ContainerLifecycleContext;
import net.jqwik.api.lifecycle.PropagationMode;

/** {@link BufferLeakExtension} for property tests. */
public final class BufferLeakHook implements AroundContainerHook {
  static {
    BufferLeaks.watch();
  }

  @Override
  public void afterContainer(ContainerLifecycleContext context) {
    BufferLeaks.check(context.label());
  }

  @Override
  public PropagationMode propagateTo() {
    return PropagationMode.ALL_DESCENDANTS;
  }
}
