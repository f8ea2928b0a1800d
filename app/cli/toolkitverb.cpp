// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/plan/toolkit.h"

#include "app/cli/changing.h"
#include "app/cli/texttable.h"
#include "app/cli/verbs.h"

namespace tidemark::cli {

namespace {

ExitCode printStatus(const Context &context, const QStringList &installed)
{
    if (context.json) {
        QJsonArray parts;
        for (const ToolkitPart &part : toolkitParts()) {
            parts.append(QJsonObject{{QStringLiteral("name"), part.name},
                                     {QStringLiteral("what"), part.what},
                                     {QStringLiteral("installed"), installed.contains(part.name)},
                                     {QStringLiteral("needs_superuser"), part.needsSuperuser}});
        }
        context.print({{QStringLiteral("parts"), parts}});
        return ExitCode::Done;
    }
    TextTable table({{QStringLiteral("part")}, {QStringLiteral("installed")}, {QStringLiteral("what it is")}});
    for (const ToolkitPart &part : toolkitParts())
        table.add({part.name, installed.contains(part.name) ? QStringLiteral("yes") : QStringLiteral("no"), part.what});
    table.print(context.out);
    return ExitCode::Done;
}

Result<ExitCode> toolkit(const Context &context)
{
    const QString verb = context.arguments.value(0, QStringLiteral("status"));
    const QString part = context.arguments.value(1, QStringLiteral("runs"));
    const bool install = verb == QLatin1String("install");
    if (verb == QLatin1String("script")) {
        TIDEMARK_TRY(const QString script, toolkitScript(part, !context.options.isSet(QStringLiteral("down"))));
        context.out << script << Qt::flush;
        return ExitCode::Done;
    }
    TIDEMARK_TRY(const ChangeTarget target, changeTarget(context));
    TIDEMARK_TRY(pg::Session session, openForChange(target));
    TIDEMARK_TRY(const QStringList installed, installedToolkit(session));
    if (verb == QLatin1String("status"))
        return printStatus(context, installed);
    if (!install && verb != QLatin1String("uninstall")) {
        return fail(Error::input(QStringLiteral("the toolkit cannot “%1”").arg(verb),
                                 QStringLiteral("It can: status, script, install, uninstall.")));
    }
    TIDEMARK_TRY(const QString script, toolkitScript(part, install));
    if (installed.contains(part) == install) {
        context.err << "Nothing to do: " << part << (install ? " is installed already." : " is not installed.")
                    << Qt::endl;
        return ExitCode::Done;
    }
    context.err << script << Qt::endl;
    TIDEMARK_CHECK(
        askConsent(context, target,
                   QStringLiteral("%1 the toolkit's part %2 in database %3")
                       .arg(install ? QStringLiteral("Install") : QStringLiteral("Remove"), part, session.database()),
                   session.database()));
    const auto applied = applyToolkit(session, part, install);
    audit(context, target, script, applied ? QStringLiteral("done") : applied.error().summary());
    TIDEMARK_CHECK(applied);
    return ExitCode::Done;
}

} // namespace

Verb toolkitVerb()
{
    QList<QCommandLineOption> options = consentOptions();
    options << QCommandLineOption(QStringLiteral("down"),
                                  QStringLiteral("With script: the one that removes the part."));
    return {QStringLiteral("toolkit"), QStringLiteral("the tidemark schema in a database: what of it is installed"),
            QStringLiteral("[status|script|install|uninstall] [PART]"), options, [](const Context &context) {
                const auto done = toolkit(context);
                return done ? *done : context.fail(done.error());
            }};
}

} // namespace tidemark::cli
