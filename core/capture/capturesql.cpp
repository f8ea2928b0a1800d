// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/capture/capturesql.h"

namespace tidemark::capturesql {

namespace {

using pg::quoteIdentifier;

struct Trigger
{
    QString suffix; ///< of function and trigger
    QString event;  ///< "AFTER INSERT"
    QString tables; ///< the REFERENCING clause
    QString level;
};

Trigger truncateTrigger()
{
    return {QStringLiteral("_truncate"), QStringLiteral("AFTER TRUNCATE"), {}, QStringLiteral("STATEMENT")};
}

std::vector<Trigger> triggersOf(const CaptureSpec &spec)
{
    if (spec.flavour == CaptureFlavour::Row)
        return {{QStringLiteral("_row"), QStringLiteral("AFTER INSERT OR UPDATE OR DELETE"), {}, QStringLiteral("ROW")},
                truncateTrigger()};
    const QString newRows = QStringLiteral("NEW TABLE AS new_rows");
    const QString oldRows = QStringLiteral("OLD TABLE AS old_rows");
    const QString statement = QStringLiteral("STATEMENT");
    return {
        {QStringLiteral("_insert"), QStringLiteral("AFTER INSERT"), newRows, statement},
        {QStringLiteral("_update"), QStringLiteral("AFTER UPDATE"), oldRows + QLatin1Char(' ') + newRows, statement},
        {QStringLiteral("_delete"), QStringLiteral("AFTER DELETE"), oldRows, statement},
        truncateTrigger()};
}

QString functionFor(const CaptureSpec &spec, const QString &suffix)
{
    return pg::QualifiedName{QStringLiteral("tidemark"), spec.name + suffix}.quoted();
}

QString dollarQuoted(const QString &body)
{
    QString tag = QStringLiteral("$capture$");
    for (int attempt = 1; body.contains(tag); ++attempt)
        tag = QStringLiteral("$capture%1$").arg(attempt);
    return tag + QLatin1Char('\n') + body + QLatin1Char('\n') + tag;
}

QString insertIntoLog(const CaptureSpec &spec)
{
    return QStringLiteral("INSERT INTO %1 (%2)").arg(spec.log().quoted(), logColumns(spec));
}

/// The keys a statement touched, from the transition tables its trigger has. An UPDATE has mostly the same key on both
/// sides; UNION leaves one, and unlike an anti-join its plan cannot turn quadratic when a plan made for one row meets
/// a hundred thousand.
QString touchedKeys(const CaptureSpec &spec, const QString &suffix)
{
    const QString after = QStringLiteral("SELECT %1 FROM new_rows AS n").arg(keyColumns(spec.key, QStringLiteral("n")));
    const QString before =
        QStringLiteral("SELECT %1 FROM old_rows AS o").arg(keyColumns(spec.key, QStringLiteral("o")));
    if (suffix == QLatin1String("_insert"))
        return after;
    if (suffix == QLatin1String("_delete"))
        return before;
    return after + QStringLiteral(" UNION ") + before;
}

QString mirrorBody(const CaptureSpec &spec, const CaptureMirror &mirror, const QString &keys)
{
    const QString body =
        QStringLiteral("        DELETE FROM %1 AS t USING (%2) AS k (%3) WHERE %4;\n"
                       "        INSERT INTO %1 (%5) OVERRIDING SYSTEM VALUE\n"
                       "        SELECT %6 FROM (SELECT DISTINCT * FROM (%2) AS every) AS k (%3) JOIN %7 AS s ON %8;\n")
            .arg(mirror.target.quoted(), keys, logColumns(spec),
                 keyMatchesLog(spec, QStringLiteral("t"), QStringLiteral("k")), columnList(mirror.columns),
                 columnList(mirror.columns, QStringLiteral("s")), spec.source.quoted(),
                 keyMatchesLog(spec, QStringLiteral("s"), QStringLiteral("k")));
    // Later snapshots than READ COMMITTED's own would miss rows of the target, and add to what SERIALIZABLE must abort.
    QString guarded = QStringLiteral(
        "    IF pg_catalog.current_setting('transaction_isolation') = 'read committed' THEN\n");
    if (mirror.strict)
        return guarded + body + QStringLiteral("    END IF;\n");
    return guarded
           + QStringLiteral("        BEGIN\n%1"
                            "        EXCEPTION WHEN OTHERS THEN\n"
                            "            RAISE LOG 'tidemark: % stays for reconcile: % (%)', %2, SQLERRM, SQLSTATE;\n"
                            "        END;\n"
                            "    END IF;\n")
                 .arg(body, pg::quoteLiteral(spec.name));
}

QString body(const CaptureSpec &spec, const QString &suffix, const CaptureMirror *mirror)
{
    QString statements;
    if (suffix == QLatin1String("_truncate")) {
        // A partition says which rows were its own. One that has left the source has none there.
        statements = QStringLiteral(
                         "    IF TG_NARGS = 0 THEN\n"
                         "        INSERT INTO %1 (condition) VALUES ('true');\n"
                         "    ELSE\n"
                         "        INSERT INTO %1 (condition) SELECT c\n"
                         "        FROM pg_catalog.pg_get_partition_constraintdef(TG_RELID) AS c WHERE c IS NOT NULL;\n"
                         "    END IF;\n")
                         .arg(spec.truncations().quoted());
    } else if (suffix == QLatin1String("_row")) {
        const QString same = keyMatchesKey(spec.key, QStringLiteral("NEW"), QStringLiteral("OLD"));
        statements = QStringLiteral("    IF TG_OP OPERATOR(pg_catalog.<>) 'INSERT' THEN\n"
                                    "        %1 VALUES (%2);\n"
                                    "    END IF;\n"
                                    "    IF TG_OP OPERATOR(pg_catalog.=) 'INSERT' THEN\n"
                                    "        %1 VALUES (%3);\n"
                                    "    ELSIF TG_OP OPERATOR(pg_catalog.=) 'UPDATE' THEN\n"
                                    "        IF NOT (%4) THEN\n"
                                    "            %1 VALUES (%3);\n"
                                    "        END IF;\n"
                                    "    END IF;\n")
                         .arg(insertIntoLog(spec), keyColumns(spec.key, QStringLiteral("OLD")),
                              keyColumns(spec.key, QStringLiteral("NEW")), same);
        if (mirror != nullptr) {
            const auto oneRow = [&](const char *row) {
                return QStringLiteral("VALUES (%1)").arg(keyColumns(spec.key, QLatin1String(row)));
            };
            statements += QStringLiteral("    IF TG_OP OPERATOR(pg_catalog.<>) 'INSERT' THEN\n%1    END IF;\n"
                                         "    IF TG_OP OPERATOR(pg_catalog.<>) 'DELETE' THEN\n%2    END IF;\n")
                              .arg(mirrorBody(spec, *mirror, oneRow("OLD")), mirrorBody(spec, *mirror, oneRow("NEW")));
        }
    } else {
        const QString keys = touchedKeys(spec, suffix);
        statements = QStringLiteral("    %1\n    %2;\n").arg(insertIntoLog(spec), keys);
        if (mirror != nullptr)
            statements += mirrorBody(spec, *mirror, keys);
    }
    return QStringLiteral("BEGIN\n") + statements + QStringLiteral("    RETURN NULL;\nEND");
}

QString createFunction(const CaptureSpec &spec, const QString &suffix, const QString &create,
                       const CaptureMirror *mirror = nullptr)
{
    // What only logs names nothing that is looked up by search_path: tables, columns and operators stand with their
    // schemas, the transition tables come before any. A setting would add nothing and cost each statement of each writer
    // as much again as the logging does, since plans are checked anew when search_path changes.
    QString settings;
    if (mirror != nullptr || suffix == QLatin1String("_truncate"))
        settings = QStringLiteral(" SET search_path = ''");
    if (mirror != nullptr && suffix != QLatin1String("_truncate")) {
        // A plan is kept for as long as the writer's session lives: one made for a bulk load must not become the plan of
        // single rows. And nobody waits long for the target.
        settings += QStringLiteral(" SET row_security = off SET lock_timeout = '100ms' SET enable_hashjoin = off"
                                   " SET enable_mergejoin = off SET enable_seqscan = off");
    }
    return QStringLiteral("%1 FUNCTION %2() RETURNS trigger\nLANGUAGE plpgsql SECURITY DEFINER%3 AS %4")
        .arg(create, functionFor(spec, suffix), settings, dollarQuoted(body(spec, suffix, mirror)));
}

QStringList replaceFunctions(const CaptureSpec &spec, const CaptureMirror *mirror)
{
    QStringList statements;
    for (const Trigger &trigger : triggersOf(spec)) {
        if (trigger.suffix != QLatin1String("_truncate"))
            statements << createFunction(spec, trigger.suffix, QStringLiteral("CREATE OR REPLACE"), mirror);
    }
    return statements;
}

QString joined(const QStringList &parts, const char *with)
{
    return parts.join(QLatin1String(with));
}

QString prefix(const QString &alias)
{
    return alias.isEmpty() ? QString() : alias + QLatin1Char('.');
}

QString logColumn(std::size_t index)
{
    return QStringLiteral("k%1").arg(index + 1);
}

} // namespace

QString logColumns(const CaptureSpec &spec, const QString &alias)
{
    QStringList columns;
    for (std::size_t i = 0; i < spec.key.size(); ++i)
        columns << prefix(alias) + logColumn(i);
    return joined(columns, ", ");
}

QString keyColumns(const std::vector<KeyColumn> &key, const QString &alias)
{
    QStringList columns;
    for (const KeyColumn &column : key)
        columns << prefix(alias) + quoteIdentifier(column.name);
    return joined(columns, ", ");
}

QString columnList(const QStringList &columns, const QString &alias)
{
    QStringList quoted;
    for (const QString &column : columns)
        quoted << prefix(alias) + quoteIdentifier(column);
    return joined(quoted, ", ");
}

QString keyMatchesLog(const CaptureSpec &spec, const QString &alias, const QString &logAlias)
{
    QStringList conditions;
    for (std::size_t i = 0; i < spec.key.size(); ++i)
        conditions << QStringLiteral("%1.%2 OPERATOR(%3) %4.%5")
                          .arg(alias, quoteIdentifier(spec.key[i].name), spec.key[i].equality, logAlias, logColumn(i));
    return joined(conditions, " AND ");
}

QString keyMatchesKey(const std::vector<KeyColumn> &key, const QString &alias, const QString &otherAlias)
{
    QStringList conditions;
    for (const KeyColumn &column : key) {
        const QString name = quoteIdentifier(column.name);
        conditions << QStringLiteral("%1.%2 OPERATOR(%3) %4.%2").arg(alias, name, column.equality, otherAlias);
    }
    return joined(conditions, " AND ");
}

QStringList purge(const CaptureSpec &spec, const pg::QualifiedName &target)
{
    return {QStringLiteral("SET LOCAL row_security = off"),
            // The log may have no statistics, and one pass is not worth compiling for.
            QStringLiteral("SET LOCAL enable_nestloop = off"), QStringLiteral("SET LOCAL jit = off"),
            QStringLiteral("DELETE FROM %1 AS t USING (SELECT DISTINCT %2 FROM %3 AS l) AS k WHERE %4")
                .arg(target.quoted(), logColumns(spec, QStringLiteral("l")), spec.log().quoted(),
                     keyMatchesLog(spec, QStringLiteral("t"), QStringLiteral("k")))};
}

QStringList functionNames(const CaptureSpec &spec)
{
    QStringList names;
    for (const Trigger &trigger : triggersOf(spec))
        names << spec.name + trigger.suffix;
    return names;
}

QString triggerName(const QString &function)
{
    return QStringLiteral("tidemark_") + function;
}

QStringList install(const CaptureSpec &spec)
{
    QStringList columns;
    for (std::size_t i = 0; i < spec.key.size(); ++i) {
        const KeyColumn &key = spec.key[i];
        columns << QStringLiteral("    %1 %2%3,\n")
                       .arg(logColumn(i), key.type,
                            key.collation.isEmpty() ? QString() : QStringLiteral(" COLLATE ") + key.collation);
    }
    QStringList statements{
        QStringLiteral("CREATE TABLE %1 (\n%2"
                       "    at timestamptz NOT NULL DEFAULT pg_catalog.statement_timestamp()\n"
                       ") WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 20000)")
            .arg(spec.log().quoted(), columns.join(QString())),
        QStringLiteral("COMMENT ON TABLE %1 IS %2")
            .arg(spec.log().quoted(),
                 pg::quoteLiteral(QStringLiteral("Tidemark: keys of rows changed in %1").arg(spec.source.display()))),
        QStringLiteral("CREATE TABLE %1 (\n    condition text NOT NULL,\n"
                       "    at timestamptz NOT NULL DEFAULT pg_catalog.statement_timestamp()\n)")
            .arg(spec.truncations().quoted()),
        QStringLiteral("COMMENT ON TABLE %1 IS %2")
            .arg(spec.truncations().quoted(),
                 pg::quoteLiteral(
                     QStringLiteral("Tidemark: rows that TRUNCATE took from %1").arg(spec.source.display()))),
    };
    for (const Trigger &trigger : triggersOf(spec)) {
        statements << createFunction(spec, trigger.suffix, QStringLiteral("CREATE"))
                   << QStringLiteral("REVOKE ALL ON FUNCTION %1() FROM PUBLIC").arg(functionFor(spec, trigger.suffix));
    }
    return statements;
}

QStringList enableOn(const CaptureSpec &spec, const std::vector<pg::QualifiedName> &relations)
{
    QStringList statements;
    for (const pg::QualifiedName &relation : relations) {
        const bool isPartition = relation != spec.source;
        for (const Trigger &trigger : triggersOf(spec)) {
            const bool isTruncate = trigger.suffix == QLatin1String("_truncate");
            if (isPartition && spec.flavour == CaptureFlavour::Row && !isTruncate)
                continue; // a row trigger of the parent is its partitions' too
            const QString name = quoteIdentifier(triggerName(spec.name + trigger.suffix));
            statements << QStringLiteral("CREATE TRIGGER %1 %2 ON %3%4 FOR EACH %5 EXECUTE FUNCTION %6(%7)")
                              .arg(name, trigger.event, relation.quoted(),
                                   trigger.tables.isEmpty() ? QString()
                                                            : QStringLiteral(" REFERENCING ") + trigger.tables,
                                   trigger.level, functionFor(spec, trigger.suffix),
                                   isPartition && isTruncate ? QStringLiteral("'partition'") : QString());
            if (spec.always)
                statements << QStringLiteral("ALTER TABLE %1 ENABLE ALWAYS TRIGGER %2").arg(relation.quoted(), name);
        }
    }
    return statements;
}

QStringList enable(const CaptureSpec &spec)
{
    return enableOn(spec, spec.watched());
}

QStringList disable(const CaptureSpec &spec)
{
    QStringList statements;
    for (const pg::QualifiedName &relation : spec.watched()) {
        const bool isPartition = relation != spec.source;
        for (const Trigger &trigger : triggersOf(spec)) {
            if (isPartition && spec.flavour == CaptureFlavour::Row && trigger.suffix != QLatin1String("_truncate"))
                continue;
            statements << QStringLiteral("DROP TRIGGER IF EXISTS %1 ON %2")
                              .arg(quoteIdentifier(triggerName(spec.name + trigger.suffix)), relation.quoted());
        }
    }
    return statements;
}

QStringList uninstall(const CaptureSpec &spec)
{
    QStringList statements;
    for (const Trigger &trigger : triggersOf(spec))
        statements << QStringLiteral("DROP FUNCTION IF EXISTS %1()").arg(functionFor(spec, trigger.suffix));
    statements << QStringLiteral("DROP TABLE IF EXISTS %1").arg(spec.truncations().quoted())
               << QStringLiteral("DROP TABLE IF EXISTS %1").arg(spec.log().quoted());
    return statements;
}

QStringList startMirror(const CaptureSpec &spec, const CaptureMirror &mirror)
{
    return replaceFunctions(spec, &mirror);
}

QStringList stopMirror(const CaptureSpec &spec)
{
    return replaceFunctions(spec, nullptr);
}

} // namespace tidemark::capturesql
