// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/plan/toolkit.h"

#include "core/pg/transaction.h"
#include "resources/resources.h"

#include <QFile>

#include <algorithm>

namespace tidemark {

namespace {

Result<ToolkitPart> partNamed(const QString &name)
{
    QStringList names;
    for (const ToolkitPart &part : toolkitParts()) {
        if (part.name == name)
            return part;
        names << part.name;
    }
    return fail(Error::input(QStringLiteral("the toolkit has no part “%1”").arg(name),
                             QStringLiteral("It has: %1.").arg(names.join(QLatin1String(", ")))));
}

} // namespace

const std::vector<ToolkitPart> &toolkitParts()
{
    static const std::vector<ToolkitPart> parts{
        {QStringLiteral("runs"),
         QStringLiteral("The memory of all runs: steps, chunks, requests, journal. Needed by every change."),
         "SELECT pg_catalog.to_regclass('tidemark.run') IS NOT NULL", false},
        {QStringLiteral("managed"),
         QStringLiteral("Which tables are kept equal to a view, by which key, and every refresh of them."),
         "SELECT pg_catalog.to_regclass('tidemark.managed_table') IS NOT NULL", false},
        {QStringLiteral("schedules"),
         QStringLiteral("When which refreshables are brought up to date, and what came of it. Needs an agent to run."),
         "SELECT pg_catalog.to_regclass('tidemark.schedule') IS NOT NULL", false},
        {QStringLiteral("refresh_log"),
         QStringLiteral("Writes down every REFRESH MATERIALIZED VIEW of this database, by whomever."),
         // What is half removed is there, so that it can be removed.
         "SELECT pg_catalog.to_regclass('tidemark.refresh_log') IS NOT NULL"
         "    OR EXISTS (SELECT FROM pg_catalog.pg_event_trigger"
         "               WHERE evtname IN ('tidemark_refresh_start', 'tidemark_refresh_end'))",
         true},
    };
    return parts;
}

Result<QString> toolkitScript(const QString &part, bool install)
{
    TIDEMARK_TRY(const ToolkitPart known, partNamed(part));
    initResources();
    QFile file(
        QStringLiteral(":/toolkit/%1.%2.sql").arg(known.name, install ? QLatin1String("up") : QLatin1String("down")));
    if (!file.open(QIODevice::ReadOnly))
        return fail(Error::internal(QStringLiteral("the toolkit's script %1 is not compiled in").arg(file.fileName())));
    return QString::fromUtf8(file.readAll());
}

Result<QStringList> installedToolkit(pg::Session &session, std::stop_token stop)
{
    QStringList installed;
    for (const ToolkitPart &part : toolkitParts()) {
        TIDEMARK_TRY(const auto answer, session.exec(part.isThere, {}, {.stop = stop}));
        if (answer.boolean(0, 0))
            installed << part.name;
    }
    return installed;
}

Status applyToolkit(pg::Session &session, const QString &part, bool install)
{
    TIDEMARK_TRY(const QString script, toolkitScript(part, install));
    TIDEMARK_TRY(pg::Transaction transaction, pg::Transaction::begin(session));
    // Two that come at once: the later finds it done.
    TIDEMARK_TRY([[maybe_unused]] const auto locked,
                 transaction.exec("SELECT pg_catalog.pg_advisory_xact_lock(1414087749, 0)"));
    TIDEMARK_TRY(const QStringList installed, installedToolkit(session));
    if (installed.contains(part) == install)
        return {};
    TIDEMARK_TRY([[maybe_unused]] const auto done, session.execScript(script.toUtf8()));
    return transaction.commit();
}

} // namespace tidemark
