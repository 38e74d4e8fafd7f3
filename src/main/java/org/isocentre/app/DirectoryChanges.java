package org.isocentre.app;

import java.util.List;
import org.apache.camel.CamelContext;
import org.isocentre.exchange.TrustDirectory;
import org.isocentre.fhir.provider.Directory;
import org.isocentre.index.DirectoryIndex;
import org.isocentre.model.Organisation;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes up what was written of the directory, by this hub or another of the index: who may call,
 * and where studies are sent.
 */
public final class DirectoryChanges {
  private static final Logger LOG = LoggerFactory.getLogger(DirectoryChanges.class);
  private final TrustDirectory trusts;
  private final Directory directory;
  private final DirectoryIndex index;
  private final TransferRoutes transfers;
  private long revision = -1;

  DirectoryChanges(
      TrustDirectory trusts, Directory directory, DirectoryIndex index, TransferRoutes transfers) {
    this.trusts = trusts;
    this.directory = directory;
    this.index = index;
    this.transfers = transfers;
    take();
  }

  Directory directory() {
    return directory;
  }

  /** For the route {@code directory-check}. */
  public synchronized void check(CamelContext context) {
    if (take()) {
      transfers.align(context);
    }
  }

  private boolean take() {
    long now = index.revision();
    if (now == revision) {
      return false;
    }
    revision = now;
    List<Organisation> combined = directory.combined();
    try {
      trusts.replace(combined);
    } catch (IllegalArgumentException e) {
      LOG.error(
          "ISO-EXCHANGE-004: what was written of the directory is not taken up: {}",
          e.getMessage());
      return false;
    }
    return true;
  }
}
