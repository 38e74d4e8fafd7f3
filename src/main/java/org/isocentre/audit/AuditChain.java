package org.isocentre.audit;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Clock;
import java.util.HexFormat;
import java.util.List;
import org.isocentre.index.AuditBlocks;
import org.isocentre.model.AuditBlock;
import org.isocentre.model.AuditEntry;
import org.isocentre.model.AuditOrigin;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes it evident that rows of the audit trail were changed, removed or added afterwards: a moment
 * after they were written they are sealed in blocks, and each block's hash covers its rows and the
 * hash of the block before. Who could write all of the chain anew is found out by its last hash,
 * which is kept outside of the index.
 */
public final class AuditChain {
  private static final Logger LOG = LoggerFactory.getLogger(AuditChain.class);
  private static final int BLOCK = 1000;

  /** Blocks of one call: what was there before the chain is sealed little by little. */
  private static final int MOST_AT_ONCE = 20;

  private static final int BLOCKS_READ = 100;

  /** Begins the origin of a row in what is hashed. */
  private static final int ORIGIN = -2;

  private final AuditBlocks blocks;
  private final AuditAnchor anchor;
  private final Clock clock;

  public AuditChain(AuditBlocks blocks, AuditAnchor anchor, Clock clock) {
    this.blocks = blocks;
    this.anchor = anchor;
    this.clock = clock;
  }

  /** Seals what was written since. */
  public void seal() {
    String broken = anchored();
    AuditBlock last = null;
    for (int i = 0; i < MOST_AT_ONCE; i++) {
      AuditBlock sealed = blocks.seal(BLOCK, AuditChain::hash, clock.instant());
      last = sealed == null ? last : sealed;
      if (sealed == null || sealed.entries() < BLOCK) {
        break;
      }
    }
    if (last != null && broken != null) {
      // The anchor stays as it was: it is the proof.
      LOG.error("The audit trail is not as it was sealed: {}", broken);
    } else if (last != null) {
      anchor.keep(last.number(), last.hash());
      LOG.debug("Audit trail sealed up to block {}, hash {}", last.number(), last.hash());
    }
  }

  /**
   * What a verification found.
   *
   * @param intact whether nothing is wrong
   * @param blocks that were read
   * @param entries rows of these
   * @param unsealed rows that are in no block yet
   * @param last number and hash of the last block, to be kept elsewhere
   * @param problem the first that is wrong, or null
   */
  public record Verification(
      boolean intact, long blocks, long entries, long unsealed, AuditBlock last, String problem) {}

  /** Reads all of the trail, and stops at the first block that is not as it was sealed. */
  public Verification verify() {
    AuditBlock last = null;
    long rows = 0;
    List<AuditBlock> page = blocks.from(0, BLOCKS_READ);
    while (!page.isEmpty()) {
      for (AuditBlock block : page) {
        String problem = problem(last, block);
        if (problem != null) {
          return found(last, rows, problem);
        }
        last = block;
        rows += block.entries();
      }
      page = blocks.from(last.number() + 1, BLOCKS_READ);
    }
    return found(last, rows, atTheEnd(last));
  }

  private Verification found(AuditBlock last, long rows, String problem) {
    return new Verification(
        problem == null, last == null ? 0 : last.number(), rows, blocks.unsealed(), last, problem);
  }

  private String problem(AuditBlock last, AuditBlock block) {
    if (last == null) {
      return block.number() == 0 ? null : "ISO-AUDIT-001: the beginning of the chain is missing";
    }
    if (block.number() != last.number() + 1) {
      return "ISO-AUDIT-002: block %d is missing, of rows after %s"
          .formatted(last.number() + 1, last.lastAt());
    }
    if (!block.previous().equals(last.hash())) {
      return "ISO-AUDIT-003: block %d does not follow block %d as that is now"
          .formatted(block.number(), last.number());
    }
    List<AuditEntry> entries = blocks.entries(block.number());
    String span =
        "block %d, of %s to %s".formatted(block.number(), block.firstAt(), block.lastAt());
    if (entries.size() != block.entries()) {
      return "ISO-AUDIT-004: %s, had %d rows and has %d"
          .formatted(span, block.entries(), entries.size());
    }
    return hash(block.number(), block.previous(), entries).equals(block.hash())
        ? null
        : "ISO-AUDIT-005: rows of " + span + ", were changed or exchanged";
  }

  private String atTheEnd(AuditBlock last) {
    if (last == null) {
      return "ISO-AUDIT-001: the beginning of the chain is missing";
    }
    if (blocks.strays() > 0) {
      return "ISO-AUDIT-006: there are rows of blocks that are missing, after block "
          + last.number();
    }
    return anchored();
  }

  /**
   * @return what is wrong with the chain by what was kept of it, or null
   */
  private String anchored() {
    AuditAnchor.Kept kept = anchor.kept();
    if (kept == null) {
      return null;
    }
    List<AuditBlock> found = blocks.from(kept.number(), 1);
    if (found.isEmpty()) {
      return "ISO-AUDIT-007: the chain had %d blocks, and ends before".formatted(kept.number());
    }
    return found.get(0).number() == kept.number() && found.get(0).hash().equals(kept.hash())
        ? null
        : "ISO-AUDIT-008: block %d is not the one that was sealed: the chain was cut or written anew"
            .formatted(kept.number());
  }

  /** Of everything that a row holds, each part with its length, so that no two rows are alike. */
  static String hash(long number, String previous, List<AuditEntry> entries) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      DataOutputStream out = new DataOutputStream(bytes);
      out.writeLong(number);
      text(out, previous);
      for (AuditEntry e : entries) {
        entry(out, e);
        digest.update(bytes.toByteArray());
        bytes.reset();
      }
      digest.update(bytes.toByteArray());
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void entry(DataOutputStream out, AuditEntry e) throws IOException {
    text(out, e.id().toString());
    out.writeLong(e.at().getEpochSecond());
    out.writeInt(e.at().getNano());
    text(out, e.actor());
    text(out, e.actorOrganisation());
    text(out, e.action());
    text(out, e.type());
    text(out, e.entityType());
    text(out, e.entityId());
    text(out, e.patientId() == null ? null : e.patientId().toString());
    out.writeBoolean(e.permitted());
    text(out, e.detail());
    if (!e.origin().equals(AuditOrigin.HUB)) {
      // No length is negative but that of what is null: rows from before origins are as they were.
      out.writeInt(ORIGIN);
      text(out, e.origin().client());
      text(out, e.origin().address());
      text(out, e.origin().request());
      text(out, e.origin().query());
    }
  }

  private static void text(DataOutputStream out, String text) throws IOException {
    if (text == null) {
      out.writeInt(-1);
      return;
    }
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    out.writeInt(bytes.length);
    out.write(bytes);
  }
}
