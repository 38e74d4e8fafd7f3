package org.isocentre.index;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.sql.SQLException;
import java.util.UUID;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * A PostgreSQL of its own for the tests of a class, which loses what it has when the power fails.
 * Migrations run once; each test has a copy of what they make.
 */
final class OwnPostgres implements BeforeAllCallback, AfterAllCallback {
  private static final String MIGRATED = "migrated";
  private EmbeddedPostgres server;

  @Override
  public void beforeAll(ExtensionContext context) throws IOException {
    server =
        EmbeddedPostgres.builder()
            .setServerConfig("fsync", "off")
            .setServerConfig("full_page_writes", "off")
            .start();
    try (var connection = server.getPostgresDatabase().getConnection();
        var statement = connection.createStatement()) {
      statement.execute("create database " + MIGRATED);
    } catch (SQLException e) {
      throw new IOException(e);
    }
    Flyway.configure()
        .dataSource(server.getDatabase("postgres", MIGRATED))
        .locations("classpath:db/migration")
        .load()
        .migrate();
  }

  @Override
  public void afterAll(ExtensionContext context) throws IOException {
    server.close();
  }

  /** A database in it with all tables, and no row. */
  DataSource database() throws SQLException {
    String name = "t" + UUID.randomUUID().toString().replace("-", "");
    try (var connection = server.getPostgresDatabase().getConnection();
        var statement = connection.createStatement()) {
      statement.execute("create database " + name + " template " + MIGRATED);
    }
    return server.getDatabase("postgres", name);
  }
}
