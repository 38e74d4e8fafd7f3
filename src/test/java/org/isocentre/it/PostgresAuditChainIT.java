package org.isocentre.it;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;

/** The audit trail in PostgreSQL. */
class PostgresAuditChainIT extends AuditChainContract {
  private EmbeddedPostgres postgres;

  @Override
  String[] database() {
    try {
      if (postgres == null) {
        postgres = EmbeddedPostgres.builder().start();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new String[] {
      "--spring.datasource.url=" + postgres.getJdbcUrl("postgres", "postgres"),
      "--spring.datasource.username=postgres",
      "--spring.datasource.password="
    };
  }

  @Override
  void closeDatabase() throws IOException {
    postgres.close();
  }
}
