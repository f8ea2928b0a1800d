// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/pg/capabilities.h"

#include "core/pg/sqllibrary.h"

#include <array>

namespace tidemark::pg {

Result<Capabilities> Capabilities::probe(Session &session, const CallOptions &call)
{
    const SqlLibrary &library = SqlLibrary::builtIn();
    const int version = session.serverVersion();
    if (version < 120000) {
        Error error;
        error.kind = ErrorKind::Unsupported;
        error.message =
            QStringLiteral("PostgreSQL %1 is older than Tidemark can read").arg(session.parameter("server_version"));
        error.hint = QStringLiteral("PostgreSQL 12 and later are supported.");
        return fail(error);
    }
    const std::array statements{
        Statement{library.query(QStringLiteral("server/facts"), version).sql, {}, {}},
        Statement{library.query(QStringLiteral("server/extensions"), version).sql, {}, {}},
    };
    auto results = session.execBatch(statements, call);
    if (!results[0])
        return fail(results[0].error().within(QStringLiteral("reading the server's facts")));
    if (!results[1])
        return fail(results[1].error().within(QStringLiteral("reading the installed extensions")));

    const ResultSet &facts = *results[0];
    Capabilities found;
    found.serverVersion = version;
    found.serverVersionText = facts.text(0, facts.column("server_version"));
    found.systemIdentifier = facts.text(0, facts.column("system_identifier"));
    // A standby has the number of its primary, but locks, statistics and a past of its own.
    if (const auto address = facts.column("standby_address"); !facts.isNull(0, address))
        found.systemIdentifier += QLatin1Char('@') + facts.text(0, address);
    found.timeline = facts.int32(0, facts.column("timeline"));
    found.databaseOid = facts.oid(0, facts.column("database_oid"));
    found.database = facts.text(0, facts.column("database"));
    found.user = facts.text(0, facts.column("role"));
    found.isSuperuser = facts.boolean(0, facts.column("is_superuser"));
    found.canReadAllStats = facts.boolean(0, facts.column("can_read_all_stats"));
    found.inRecovery = facts.boolean(0, facts.column("in_recovery"));
    found.tracksCommitTimestamps = facts.boolean(0, facts.column("tracks_commit_timestamps"));
    found.blockSize = facts.int32(0, facts.column("block_size"));

    const ResultSet &extensions = *results[1];
    const auto name = extensions.column("name");
    const auto installed = extensions.column("version");
    const auto schema = extensions.column("schema");
    for (int row = 0; row < extensions.rowCount(); ++row) {
        found.extensions.insert(extensions.text(row, name), extensions.text(row, installed));
        found.extensionSchemas.insert(extensions.text(row, name), extensions.text(row, schema));
    }
    return found;
}

} // namespace tidemark::pg
