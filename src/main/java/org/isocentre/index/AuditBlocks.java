package org.isocentre.index;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.isocentre.model.AuditBlock;
import org.isocentre.model.AuditEntry;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionOperations;

/** The audit trail's blocks. Several hubs of one index seal one chain. */
public final class AuditBlocks {
  private static final int ROWS_OF_UPDATE = 256;
  private final JdbcClient jdbc;
  private final TransactionOperations transactions;

  public AuditBlocks(JdbcClient jdbc, TransactionOperations transactions) {
    this.jdbc = jdbc;
    this.transactions = transactions;
  }

  /** Hashes a block. */
  @FunctionalInterface
  public interface Hash {
    /**
     * @param previous hash of the block before
     * @param entries in order of their ids
     * @return 64 hexadecimal digits
     */
    String of(long number, String previous, List<AuditEntry> entries);
  }

  /**
   * Seals the oldest rows that are in no block, in one of their own.
   *
   * @param most rows of a block
   * @return the newest block, or null if there was nothing to seal
   */
  public AuditBlock seal(int most, Hash hash, Instant now) {
    return transactions.execute(
        status -> {
          jdbc.sql("select number from audit_block where number = 0 for update")
              .query(Long.class)
              .single();
          AuditBlock last = last();
          long number = last.number() + 1;
          int rows = take(number, most);
          if (rows == 0) {
            return null;
          }
          List<AuditEntry> entries = entries(number);
          AuditBlock block =
              new AuditBlock(
                  number,
                  rows,
                  entries.stream().map(AuditEntry::at).min(Instant::compareTo).orElseThrow(),
                  entries.stream().map(AuditEntry::at).max(Instant::compareTo).orElseThrow(),
                  last.hash(),
                  hash.of(number, last.hash(), entries));
          insert(block, now);
          return block;
        });
  }

  /** By their ids: with a select within the update H2 would look at every row of the trail. */
  private int take(long number, int most) {
    List<UUID> ids =
        jdbc.sql(
                "select id from audit_entry where block is null order by at, id fetch first "
                    + most
                    + " rows only")
            .query(UUID.class)
            .list();
    for (int from = 0; from < ids.size(); from += ROWS_OF_UPDATE) {
      List<UUID> some = ids.subList(from, Math.min(ids.size(), from + ROWS_OF_UPDATE));
      jdbc.sql("update audit_entry set block = :number where id in (:ids)")
          .param("number", number)
          .param("ids", Rows.padded(some))
          .update();
    }
    return ids.size();
  }

  private void insert(AuditBlock block, Instant now) {
    jdbc.sql(
            "insert into audit_block (number, entries, first_at, last_at, previous, hash, sealed_at) values (?, ?, ?, ?, ?, ?, ?)")
        .params(
            block.number(),
            block.entries(),
            Rows.utc(block.firstAt()),
            Rows.utc(block.lastAt()),
            block.previous(),
            block.hash(),
            Rows.utc(now))
        .update();
  }

  /** The newest block; before any row was sealed, the beginning of the chain with number 0. */
  public AuditBlock last() {
    return jdbc.sql("select * from audit_block order by number desc fetch first 1 row only")
        .query(AuditBlocks::map)
        .single();
  }

  /** Blocks from this number, in order, at most so many. */
  public List<AuditBlock> from(long number, int most) {
    return jdbc.sql(
            "select * from audit_block where number >= ? order by number fetch first "
                + most
                + " rows only")
        .param(number)
        .query(AuditBlocks::map)
        .list();
  }

  /** Rows of a block, in order of their ids. */
  public List<AuditEntry> entries(long block) {
    return jdbc.sql("select * from audit_entry where block = ? order by id")
        .param(block)
        .query(AuditIndex::map)
        .list();
  }

  /** Rows that are in no block yet. */
  public long unsealed() {
    return jdbc.sql("select count(*) from audit_entry where block is null")
        .query(Long.class)
        .single();
  }

  /** Rows of blocks that do not exist. */
  public long strays() {
    return jdbc.sql(
            "select count(*) from audit_entry e where e.block is not null and not exists (select 1 from audit_block b where b.number = e.block)")
        .query(Long.class)
        .single();
  }

  private static AuditBlock map(ResultSet row, int number) throws SQLException {
    return new AuditBlock(
        row.getLong("number"),
        row.getInt("entries"),
        Rows.instant(row, "first_at"),
        Rows.instant(row, "last_at"),
        row.getString("previous"),
        row.getString("hash"));
  }
}
