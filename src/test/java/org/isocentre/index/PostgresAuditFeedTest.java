package org.isocentre.index;

import javax.sql.DataSource;
import org.junit.jupiter.api.extension.RegisterExtension;

class PostgresAuditFeedTest extends AuditFeedContract {
  @RegisterExtension static final OwnPostgres SERVER = new OwnPostgres();

  @Override
  DataSource database() throws Exception {
    return SERVER.database();
  }
}
