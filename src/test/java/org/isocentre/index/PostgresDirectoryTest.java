package org.isocentre.index;

import javax.sql.DataSource;
import org.junit.jupiter.api.extension.RegisterExtension;

class PostgresDirectoryTest extends DirectoryContract {
  @RegisterExtension static final OwnPostgres SERVER = new OwnPostgres();

  @Override
  DataSource database() throws Exception {
    return SERVER.database();
  }
}
