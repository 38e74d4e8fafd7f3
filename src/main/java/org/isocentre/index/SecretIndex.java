package org.isocentre.index;

import java.security.SecureRandom;
import java.time.Clock;
import java.util.Base64;
import java.util.List;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Keys that all hubs of one index share; they outlast a restart. */
public final class SecretIndex {
  private static final int KEY_BYTES = 32;
  private final JdbcClient jdbc;
  private final Clock clock;

  public SecretIndex(JdbcClient jdbc, Clock clock) {
    this.jdbc = jdbc;
    this.clock = clock;
  }

  /** The key of this name, 256 bits, made at the first call. */
  public byte[] key(String name) {
    List<String> found = find(name);
    if (found.isEmpty()) {
      byte[] made = new byte[KEY_BYTES];
      new SecureRandom().nextBytes(made);
      try {
        jdbc.sql("insert into secret (name, key_value, created_at) values (?, ?, ?)")
            .params(name, Base64.getEncoder().encodeToString(made), Rows.utc(clock.instant()))
            .update();
      } catch (DuplicateKeyException e) {
        // Another hub was first: its key counts.
        return Base64.getDecoder().decode(find(name).get(0));
      }
      return made;
    }
    return Base64.getDecoder().decode(found.get(0));
  }

  private List<String> find(String name) {
    return jdbc.sql("select key_value from secret where name = ?")
        .param(name)
        .query(String.class)
        .list();
  }
}
