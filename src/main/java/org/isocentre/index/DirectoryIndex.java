package org.isocentre.index;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import org.isocentre.model.DirectoryEntry;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionOperations;

/** What was added to the directory by FHIR. Nothing is removed: what ends is made inactive. */
public final class DirectoryIndex {
  private final JdbcClient jdbc;
  private final TransactionOperations transactions;

  public DirectoryIndex(JdbcClient jdbc, TransactionOperations transactions) {
    this.jdbc = jdbc;
    this.transactions = transactions;
  }

  /** Another number than before if something has changed. */
  public long revision() {
    return jdbc.sql("select number from directory_revision").query(Long.class).single();
  }

  /** All there are, as they are. */
  public List<DirectoryEntry> entries() {
    return jdbc.sql("select * from directory_entry order by type desc, id")
        .query(DirectoryIndex::map)
        .list();
  }

  /** As it is. */
  public Optional<DirectoryEntry> find(String type, String id) {
    return jdbc.sql("select * from directory_entry where type = ? and id = ?")
        .params(type, id)
        .query(DirectoryIndex::map)
        .optional();
  }

  /** As it is and was, the newest first. */
  public List<DirectoryEntry> history(String type, String id) {
    return jdbc.sql(
            "select * from directory_entry_version where type = ? and id = ? order by version desc")
        .params(type, id)
        .query(DirectoryIndex::map)
        .list();
  }

  /**
   * Writes one: the first version of what is not there yet, or the one that follows on what is.
   *
   * @return whether that is so
   */
  public boolean write(DirectoryEntry e) {
    return Boolean.TRUE.equals(
        transactions.execute(
            status -> {
              // First, so that writers wait for each other here.
              jdbc.sql("update directory_revision set number = number + 1").update();
              if (!(e.version() == 1 ? add(e) : replace(e))) {
                status.setRollbackOnly();
                return false;
              }
              insert("directory_entry_version", e);
              return true;
            }));
  }

  private boolean add(DirectoryEntry e) {
    if (find(e.type(), e.id()).isPresent()) {
      return false;
    }
    try {
      insert("directory_entry", e);
      return true;
    } catch (DuplicateKeyException raced) {
      return false;
    }
  }

  private boolean replace(DirectoryEntry e) {
    return jdbc.sql(
                "update directory_entry set version = ?, resource = ?, changed_at = ? where type = ? and id = ? and version = ?")
            .params(e.version(), e.resource(), Rows.utc(e.at()), e.type(), e.id(), e.version() - 1)
            .update()
        == 1;
  }

  private void insert(String table, DirectoryEntry e) {
    jdbc.sql(
            "insert into "
                + table
                + " (type, id, version, resource, changed_at) values (?, ?, ?, ?, ?)")
        .params(e.type(), e.id(), e.version(), e.resource(), Rows.utc(e.at()))
        .update();
  }

  private static DirectoryEntry map(ResultSet row, int number) throws SQLException {
    return new DirectoryEntry(
        row.getString("type"),
        row.getString("id"),
        row.getInt("version"),
        row.getString("resource"),
        Rows.instant(row, "changed_at"));
  }
}
