// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/capture/capturecatalog.h"

#include "core/capture/capturesql.h"
#include "core/pg/sqllibrary.h"

#include <QRegularExpression>

#include <algorithm>

namespace tidemark {

namespace {

Result<pg::ResultSet> ask(pg::Session &session, const char *query, const pg::QualifiedName &table,
                          const pg::CallOptions &call, const std::optional<QStringList> &names = std::nullopt)
{
    const auto &file = pg::SqlLibrary::builtIn().query(QLatin1String(query), session.serverVersion());
    pg::Params params{table.schema, table.name};
    if (names) {
        QStringList quoted;
        for (const QString &name : *names)
            quoted << pg::quoteIdentifier(
                name); // as an array literal quotes: there is nothing to escape in a capture's names
        params.emplace_back(QLatin1Char('{') + quoted.join(QLatin1Char(',')) + QLatin1Char('}'));
    }
    return session.exec(file.sql, params, call);
}

QString reading(const pg::QualifiedName &table)
{
    return QStringLiteral("reading %1").arg(table.display());
}

Error unsupported(const QString &message, const QString &hint)
{
    Error error = Error::input(message, hint);
    error.kind = ErrorKind::Unsupported;
    return error;
}

Result<std::vector<KeyColumn>> bestKey(pg::Session &session, const pg::QualifiedName &source,
                                       const pg::CallOptions &call)
{
    TIDEMARK_TRY(const auto rows, ask(session, "capture/key", source, call));
    std::vector<KeyColumn> key;
    const auto keyColumns = rows.column("key_columns");
    const auto name = rows.column("name");
    const auto type = rows.column("type");
    const auto collation = rows.column("collation");
    const auto equality = rows.column("equality");
    for (int row = 0; row < rows.rowCount() && row < rows.int32(0, keyColumns); ++row)
        key.push_back(
            {rows.text(row, name), rows.text(row, type), rows.text(row, collation), rows.text(row, equality)});
    if (key.empty())
        return fail(unsupported(
            QStringLiteral("%1 has no key to capture its changes by: no primary key, and no unique index on columns "
                           "that are all NOT NULL")
                .arg(source.display()),
            QStringLiteral(
                "Add a primary key, for example: ALTER TABLE %1 ADD COLUMN id bigint GENERATED ALWAYS AS IDENTITY "
                "PRIMARY KEY (rewrites the table), or CREATE UNIQUE INDEX CONCURRENTLY on NOT NULL columns.")
                .arg(source.quoted())));
    return key;
}

Result<std::vector<KeyColumn>> chosenKey(pg::Session &session, const pg::QualifiedName &source,
                                         const QStringList &names, const pg::CallOptions &call)
{
    TIDEMARK_TRY(const auto columns, readRowColumns(session, source, call));
    std::vector<KeyColumn> key;
    for (const QString &name : names) {
        const auto found = std::find_if(columns.begin(), columns.end(),
                                        [&](const RowColumn &column) { return column.name == name; });
        if (found == columns.end())
            return fail(Error::input(
                QStringLiteral("%1 has no column %2 that could be part of a key").arg(source.display(), name)));
        if (!found->notNull || found->asKey.equality.isEmpty())
            return fail(Error::input(
                QStringLiteral("column %1 of %2 cannot be part of a key: %3")
                    .arg(name, source.display(),
                         found->notNull ? QStringLiteral("its type has no order") : QStringLiteral("it may be NULL"))));
        key.push_back(found->asKey);
    }
    return key;
}

} // namespace

Result<std::vector<RowColumn>> readRowColumns(pg::Session &session, const pg::QualifiedName &table,
                                              const pg::CallOptions &call)
{
    auto answer = ask(session, "capture/columns", table, call);
    if (!answer)
        return fail(answer.error().within(reading(table)));
    const pg::ResultSet &rows = *answer;
    const auto name = rows.column("name");
    const auto type = rows.column("type");
    const auto collation = rows.column("collation");
    const auto notNull = rows.column("not_null");
    const auto equality = rows.column("equality");
    const auto exact = rows.column("hash_is_exact");
    std::vector<RowColumn> columns;
    for (int row = 0; row < rows.rowCount(); ++row) {
        columns.push_back(
            {rows.text(row, name),
             rows.boolean(row, notNull),
             rows.boolean(row, exact),
             {rows.text(row, name), rows.text(row, type), rows.text(row, collation), rows.text(row, equality)}});
    }
    if (columns.empty())
        return fail(
            Error::missing(QStringLiteral("there is no table %1 with columns of its own").arg(table.display())));
    return columns;
}

QStringList namesOf(const std::vector<RowColumn> &columns)
{
    QStringList names;
    for (const RowColumn &column : columns)
        names << column.name;
    return names;
}

Result<CaptureSpec> readCaptureSpec(pg::Session &session, const pg::QualifiedName &source, const QString &name,
                                    const QStringList &keyColumns, const pg::CallOptions &call)
{
    static const QRegularExpression plain(QStringLiteral("^[a-z_][a-z0-9_]*\\z"));
    if (name.size() > longestCaptureName || !plain.match(name).hasMatch())
        return fail(
            Error::input(QStringLiteral("a capture's name has at most %1 small letters, digits and underscores: "
                                        "\"%2\"")
                             .arg(QString::number(longestCaptureName), name)));
    CaptureSpec spec;
    spec.source = source;
    spec.name = name;
    auto tree = ask(session, "capture/triggers", source, call, QStringList());
    if (!tree)
        return fail(tree.error().within(reading(source)));
    if (tree->isEmpty())
        return fail(Error::missing(QStringLiteral("there is no table %1").arg(source.display())));
    const auto schema = tree->column("schema");
    const auto relation = tree->column("name");
    const auto subscribed = tree->column("is_subscribed");
    const QString kind = tree->text(0, tree->column("kind"));
    bool isHypertable = false;
    if (kind == QLatin1String("r") && tree->boolean(0, tree->column("has_children"))) {
        for (int row = 1; row < tree->rowCount() && !isHypertable; ++row)
            isHypertable = tree->text(row, schema) == QLatin1String("_timescaledb_internal");
        if (!isHypertable)
            return fail(unsupported(QStringLiteral("%1 has tables that inherit from it").arg(source.display()),
                                    QStringLiteral("Capture each of them, or turn them into partitions.")));
    } else if (kind != QLatin1String("r") && kind != QLatin1String("p")) {
        return fail(unsupported(QStringLiteral("%1 is no table whose changes can be captured").arg(source.display()),
                                QStringLiteral("Ordinary and partitioned tables and hypertables can.")));
    }
    spec.always = !isHypertable;
    // What names the table above fires only row triggers of a partition.
    if (tree->boolean(0, tree->column("is_partition")))
        spec.flavour = CaptureFlavour::Row;
    for (int row = 0; row < tree->rowCount(); ++row) {
        if (row > 0 && !isHypertable)
            spec.partitions.push_back({tree->text(row, schema), tree->text(row, relation)});
        if (isHypertable || tree->boolean(row, subscribed))
            spec.flavour = CaptureFlavour::Row;
    }
    auto key = keyColumns.isEmpty() ? bestKey(session, source, call) : chosenKey(session, source, keyColumns, call);
    if (!key)
        return fail(key.error().within(reading(source)));
    spec.key = *std::move(key);
    return spec;
}

Result<CaptureProbe> probeCapture(pg::Session &session, const CaptureSpec &spec, const pg::CallOptions &call)
{
    const QStringList functions = capturesql::functionNames(spec);
    QStringList triggers;
    for (const QString &function : functions)
        triggers << capturesql::triggerName(function);

    const auto there = session.exec(
        "SELECT pg_catalog.to_regclass($1) IS NOT NULL AND pg_catalog.to_regclass($2) IS NOT NULL AS has_log, "
        "(SELECT pg_catalog.count(*) FROM pg_catalog.unnest($3::text[]) AS f (name) "
        "WHERE pg_catalog.to_regprocedure('tidemark.' || pg_catalog.quote_ident(f.name) || '()') IS NOT NULL) AS functions",
        {spec.log().quoted(), spec.truncations().quoted(),
         QString(QLatin1Char('{') + functions.join(QLatin1Char(',')) + QLatin1Char('}'))},
        call);
    if (!there)
        return fail(there.error().within(QStringLiteral("looking for capture %1").arg(spec.name)));
    CaptureProbe probe;
    probe.hasLog = there->boolean(0, 0);
    probe.hasFunctions = there->int64(0, 1) == functions.size();

    auto answer = ask(session, "capture/triggers", spec.source, call, triggers);
    if (!answer)
        return fail(answer.error().within(reading(spec.source)));
    const pg::ResultSet &tree = *answer;
    const auto schema = tree.column("schema");
    const auto name = tree.column("name");
    const auto isSource = tree.column("is_source");
    const auto firing = tree.column(spec.always ? "firing_always" : "firing");
    const bool byPartition = !spec.partitions.empty();
    bool allFire = !tree.isEmpty();
    for (int row = 0; row < tree.rowCount(); ++row) {
        if (!tree.boolean(row, isSource) && !byPartition)
            continue; // chunks have the hypertable's
        if (tree.int64(row, firing) == functions.size())
            continue;
        const pg::QualifiedName relation{tree.text(row, schema), tree.text(row, name)};
        const auto watched = spec.watched();
        if (std::find(watched.begin(), watched.end(), relation) != watched.end())
            allFire = false;
        if (!tree.boolean(row, isSource))
            probe.unwatched.push_back(relation);
    }
    probe.isEnabled = probe.isInstalled() && allFire;
    return probe;
}

} // namespace tidemark
