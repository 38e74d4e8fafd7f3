package org.isocentre.query;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.util.UUID;
import javax.sql.DataSource;
import org.h2.jdbcx.JdbcConnectionPool;

/** Empty databases of both kinds. */
final class Databases {
  private Databases() {}

  static DataSource h2() {
    return JdbcConnectionPool.create(
        "jdbc:h2:mem:"
            + UUID.randomUUID()
            + ";MODE=PostgreSQL;DATABASE_TO_LOWER=TRUE;DEFAULT_NULL_ORDERING=HIGH;OPTIMIZE_REUSE_RESULTS=0;DB_CLOSE_DELAY=-1",
        "sa",
        "");
  }

  static DataSource of(EmbeddedPostgres server) throws Exception {
    String name = "t" + UUID.randomUUID().toString().replace("-", "");
    try (var connection = server.getPostgresDatabase().getConnection();
        var statement = connection.createStatement()) {
      statement.execute("create database " + name);
    }
    return server.getDatabase("postgres", name);
  }
}
