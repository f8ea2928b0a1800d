// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/changing.h"

#include "core/base/printable.h"
#include "core/plan/runsettings.h"

#include <QFile>
#include <QJsonDocument>
#include <QTextStream>

#include <cstdio>

#include <unistd.h>

namespace tidemark::cli {

Result<ChangeTarget> changeTarget(const Context &context)
{
    TIDEMARK_TRY(const std::vector<Target> targets, chosenTargets(context));
    if (targets.size() != 1) {
        return fail(Error::input(QStringLiteral("%1 servers are chosen, and this is about one").arg(targets.size()),
                                 QStringLiteral("Give one -d or one --profile.")));
    }
    const Target &target = targets.front();
    ChangeTarget change;
    change.profile = target.profile;
    change.server = target.profile.connInfo.with(QStringLiteral("password"), target.password);
    change.isNamed = context.options.isSet(QStringLiteral("profile"));
    if (change.isNamed && context.options.isSet(QStringLiteral("database")))
        change.server = change.server.withDatabase(context.options.value(QStringLiteral("database")));
    return change;
}

Result<pg::Session> openForChange(const ChangeTarget &target)
{
    pg::SessionOptions options;
    options.applicationName = QStringLiteral("tidemarkctl");
    options.readOnly = false;
    return pg::Session::open(target.server, options);
}

QList<QCommandLineOption> consentOptions()
{
    return {
        {QStringLiteral("yes"), QStringLiteral("Do it without asking, unless the profile is production.")},
        {QStringLiteral("confirm"), QStringLiteral("The name of what is changed, as production asks for it."),
         QStringLiteral("NAME")},
        {QStringLiteral("database"), QStringLiteral("The database, where the profile has several."),
         QStringLiteral("NAME")},
    };
}

namespace {

/// --yes, or a yes on the terminal. `question` ends in a question mark.
Status askForYes(const Context &context, const QString &question)
{
    if (context.options.isSet(QStringLiteral("yes")))
        return {};
    if (isatty(STDIN_FILENO) == 0) {
        return fail(Error::safety(QStringLiteral("nobody is there to ask: %1").arg(question),
                                  QStringLiteral("Say yes with --yes.")));
    }
    context.err << printable(question, Lines::Kept) << " [y/N] " << Qt::flush;
    QTextStream in(stdin);
    const QString answer = in.readLine().trimmed().toLower();
    if (answer == QLatin1String("y") || answer == QLatin1String("yes"))
        return {};
    return fail(Error::safety(QStringLiteral("not confirmed; nothing was done")));
}

} // namespace

Result<Confirmation> answerTo(const Context &context, const ChangeTarget &target, const ConfirmationNeeded &needed)
{
    if (needed.typedWord.isEmpty()) {
        TIDEMARK_CHECK(askForYes(context, needed.text));
        return Confirmation{true, {}};
    }
    const Confirmation given{true, context.options.value(QStringLiteral("confirm"))};
    if (given.typed == needed.typedWord)
        return given;
    return fail(Error::safety(QStringLiteral("%1 is production: %2").arg(target.profile.name, needed.text),
                              QStringLiteral("Say so with --confirm %1.").arg(needed.typedWord)));
}

Status askConsent(const Context &context, const ChangeTarget &target, const QString &what, const QString &word)
{
    if (target.isNamed && target.profile.safety == Safety::ReadOnly) {
        return fail(Error::safety(QStringLiteral("profile %1 is read-only").arg(target.profile.name),
                                  QStringLiteral("Change its safety in tidemark, or connect with -d.")));
    }
    if (target.profile.environment == Environment::Production) {
        if (context.options.value(QStringLiteral("confirm")) == word)
            return {};
        return fail(Error::safety(QStringLiteral("%1 is production: %2?").arg(target.profile.name, what),
                                  QStringLiteral("Say so with --confirm %1.").arg(word)));
    }
    if (target.isNamed && target.profile.safety == Safety::Free)
        return {};
    return askForYes(context, what + QLatin1Char('?'));
}

void audit(const Context &context, const ChangeTarget &target, const QString &statement, const QString &outcome)
{
    if (!context.history)
        return;
    AuditEntry entry;
    entry.at = context.clock.now();
    entry.profile = target.profile.name;
    entry.database = target.server.value(QStringLiteral("dbname"));
    entry.statement = statement;
    entry.outcome = outcome;
    if (const auto added = context.history->addAudit(entry); !added)
        context.err << "tidemarkctl: not in the audit: " << printable(added.error().summary()) << Qt::endl;
}

Result<Plan> readPlan(const Context &context)
{
    if (context.arguments.size() != 1)
        return fail(Error::input(QStringLiteral("give the file of one plan"),
                                 QStringLiteral("“tidemarkctl plan …” makes one.")));
    QFile file(context.arguments.front());
    const bool opened = context.arguments.front() == QLatin1String("-") ? file.open(stdin, QIODevice::ReadOnly)
                                                                        : file.open(QIODevice::ReadOnly);
    if (!opened)
        return fail(Error::local(QStringLiteral("%1: %2").arg(context.arguments.front(), file.errorString())));
    auto plan = Plan::parse(file.readAll());
    if (!plan)
        return fail(plan.error().within(context.arguments.front()));
    return plan;
}

Result<qint64> runArgument(const Context &context)
{
    bool isNumber = false;
    const qint64 id = context.arguments.value(0).toLongLong(&isNumber);
    if (!isNumber || context.arguments.size() != 1) {
        return fail(Error::input(QStringLiteral("give the number of one run"),
                                 QStringLiteral("“tidemarkctl runs” lists them.")));
    }
    return id;
}

Result<QJsonObject> settingsJson(const QStringList &words)
{
    QJsonObject json;
    for (const QString &word : words) {
        const qsizetype equals = word.indexOf(QLatin1Char('='));
        if (equals < 1)
            return fail(
                Error::input(QStringLiteral("“%1” is no setting").arg(word), QStringLiteral("Write it as workers=4.")));
        const QJsonDocument value = QJsonDocument::fromJson("[" + word.mid(equals + 1).toUtf8() + "]");
        if (value.array().size() != 1)
            return fail(Error::input(QStringLiteral("“%1”: the value is a number or null").arg(word)));
        json.insert(word.left(equals), value.array().at(0));
    }
    // Whether the names are known is said here, not by the driver later.
    TIDEMARK_CHECK(RunSettings::fromJson(json, RunSettings()));
    return json;
}

} // namespace tidemark::cli
