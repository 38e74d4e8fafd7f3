package org.isocentre.query;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterAll;

class PostgresOrderStepsTest extends OrderStepsContract {
  private EmbeddedPostgres server;

  @Override
  DataSource database() throws Exception {
    server = EmbeddedPostgres.builder().start();
    return Databases.of(server);
  }

  @AfterAll
  void stop() throws IOException {
    server.close();
  }
}
