// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/plan/toolkit.h"

#include "app/cli/changing.h"
#include "app/cli/json.h"
#include "app/cli/texttable.h"
#include "app/cli/verbs.h"
#include "core/plan/refreshlog.h"

namespace tidemark::cli {

namespace {

constexpr QLatin1String refreshLogPart("refresh_log");

QString wordOf(RefreshLogState::Presence presence)
{
    switch (presence) {
    case RefreshLogState::Presence::Absent:
        return QStringLiteral("not_installed");
    case RefreshLogState::Presence::Installed:
        return QStringLiteral("installed");
    case RefreshLogState::Presence::SwitchedOff:
        return QStringLiteral("switched_off");
    case RefreshLogState::Presence::Partial:
        break;
    }
    return QStringLiteral("incomplete");
}

/// What the log says of itself beside being there.
void addTo(QJsonObject &part, const RefreshLogState &log)
{
    part.insert(QStringLiteral("state"), wordOf(log.presence));
    part.insert(QStringLiteral("entries"), jsonOf(log.entries));
    part.insert(QStringLiteral("oldest_at"), jsonOf(log.oldest));
    part.insert(QStringLiteral("newest_at"), jsonOf(log.newest));
    part.insert(QStringLiteral("superuser"), log.isSuperuser);
    part.insert(QStringLiteral("standby"), log.inRecovery);
}

QString sentenceOf(const RefreshLogState &log)
{
    QString text = wordOf(log.presence).replace(QLatin1Char('_'), QLatin1Char(' '));
    if (log.entries && log.oldest)
        text += QStringLiteral(", %1 refreshes since %2").arg(*log.entries).arg(toUtcSeconds(*log.oldest));
    return text;
}

ExitCode printStatus(const Context &context, const QString &database, const QStringList &installed,
                     const RefreshLogState &log)
{
    if (context.json) {
        QJsonArray parts;
        for (const ToolkitPart &part : toolkitParts()) {
            QJsonObject json{{QStringLiteral("name"), part.name},
                             {QStringLiteral("what"), part.what},
                             {QStringLiteral("installed"), installed.contains(part.name)},
                             {QStringLiteral("needs_superuser"), part.needsSuperuser}};
            if (part.name == refreshLogPart)
                addTo(json, log);
            parts.append(json);
        }
        context.print({{QStringLiteral("database"), database}, {QStringLiteral("parts"), parts}});
        return ExitCode::Done;
    }
    TextTable table({{QStringLiteral("part")}, {QStringLiteral("installed")}, {QStringLiteral("what it is")}});
    for (const ToolkitPart &part : toolkitParts())
        table.add({part.name,
                   part.name == refreshLogPart     ? sentenceOf(log)
                   : installed.contains(part.name) ? QStringLiteral("yes")
                                                   : QStringLiteral("no"),
                   part.what});
    table.print(context.out);
    return ExitCode::Done;
}

/// As in the window: the log's own checks before anybody is asked, and its audit around the script.
Status changeRefreshLog(const Context &context, const ChangeTarget &target, pg::Session &session,
                        const RefreshLogState &state, bool install)
{
    Profile profile = target.profile;
    if (!target.isNamed)
        profile.safety = Safety::Confirm; // -d is the person's word; what is asked is the verb's
    const auto change = install ? RefreshLog::Change::Install : RefreshLog::Change::Remove;
    const RefreshLog log(profile, context.history, context.clock);
    TIDEMARK_CHECK(log.check(change, state));
    context.err << RefreshLog::script(change) << Qt::endl;
    const ConfirmationNeeded needed = log.confirmation(change, session.database());
    QString question = needed.text;
    TIDEMARK_CHECK(askConsent(context, target, question.remove(QLatin1Char('?')), session.database()));
    TIDEMARK_CHECK(log.perform(session, change, {true, needed.typedWord}));
    return {};
}

Result<ExitCode> toolkit(const Context &context)
{
    const QString verb = context.arguments.value(0, QStringLiteral("status"));
    const QString part = context.arguments.value(1, QStringLiteral("runs"));
    const bool install = verb == QLatin1String("install");
    if (verb == QLatin1String("script")) {
        TIDEMARK_TRY(const QString script, toolkitScript(part, !context.options.isSet(QStringLiteral("down"))));
        if (context.json)
            context.print({{QStringLiteral("part"), part}, {QStringLiteral("script"), script}});
        else
            context.out << script << Qt::flush;
        return ExitCode::Done;
    }
    TIDEMARK_TRY(const ChangeTarget target, changeTarget(context));
    TIDEMARK_TRY(pg::Session session, openForChange(target));
    TIDEMARK_TRY(const QStringList installed, installedToolkit(session));
    TIDEMARK_TRY(const RefreshLogState log, RefreshLog::state(session));
    if (verb == QLatin1String("status"))
        return printStatus(context, session.database(), installed, log);
    if (!install && verb != QLatin1String("uninstall")) {
        return fail(Error::input(QStringLiteral("the toolkit cannot “%1”").arg(verb),
                                 QStringLiteral("It can: status, script, install, uninstall.")));
    }
    TIDEMARK_TRY(const QString script, toolkitScript(part, install));
    using Presence = RefreshLogState::Presence;
    const bool isDone = part != refreshLogPart ? installed.contains(part) == install
                        : install ? log.presence == Presence::Installed || log.presence == Presence::SwitchedOff
                                  : log.presence == Presence::Absent;
    if (isDone) {
        context.err << "Nothing to do: " << part << (install ? " is installed already." : " is not installed.")
                    << Qt::endl;
        return ExitCode::Done;
    }
    if (part == refreshLogPart) {
        TIDEMARK_CHECK(changeRefreshLog(context, target, session, log, install));
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
    return {QStringLiteral("toolkit"),
            QStringLiteral("the tidemark schema in a database: what of it is installed"),
            QStringLiteral("[status|script|install|uninstall] [PART]"),
            options,
            [](const Context &context) {
                const auto done = toolkit(context);
                return done ? *done : context.fail(done.error());
            },
            2};
}

} // namespace tidemark::cli
