package org.isocentre.it;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;

/** Searches with the index in PostgreSQL. */
class PostgresFhirSearchIT extends FhirSearchContract {
  private EmbeddedPostgres postgres;

  @Override
  String[] database() {
    try {
      postgres = EmbeddedPostgres.builder().start();
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
