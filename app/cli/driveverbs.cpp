// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/changing.h"
#include "app/cli/interrupt.h"
#include "app/cli/runprogress.h"
#include "app/cli/verbs.h"
#include "core/base/printable.h"
#include "core/changes/allactions.h"
#include "core/plan/runner.h"
#include "core/plan/runorders.h"

#include <QJsonDocument>

#include <future>

namespace tidemark::cli {

namespace {

constexpr Millis lookInterval{500};

QString endWord(RunEnd end)
{
    switch (end) {
    case RunEnd::Succeeded:
        return QStringLiteral("succeeded");
    case RunEnd::Undone:
        return QStringLiteral("undone");
    case RunEnd::Paused:
        return QStringLiteral("paused");
    case RunEnd::Cancelled:
        return QStringLiteral("cancelled");
    case RunEnd::Failed:
        return QStringLiteral("failed");
    case RunEnd::Detached:
        return QStringLiteral("stopped here");
    }
    return {};
}

ExitCode exitCodeOf(RunEnd end)
{
    switch (end) {
    case RunEnd::Succeeded:
    case RunEnd::Undone:
        return ExitCode::Done;
    case RunEnd::Failed:
        return ExitCode::Failed;
    case RunEnd::Paused:
    case RunEnd::Cancelled:
    case RunEnd::Detached:
        return ExitCode::Resumable;
    }
    return ExitCode::Failed;
}

/// Drives on a thread of its own, while this one shows how far it is and listens for Ctrl-C.
Result<RunResult> driveAndShow(const Context &context, const ChangeTarget &target, qint64 id, bool undo)
{
    RunProgress progress(context);
    Runner runner({target.server, thisDriver(), Millis(10 * 60 * 1000),
                   [&progress](const RunEvent &event) { progress.tell(event); }},
                  allActions());
    std::stop_source detach;
    catchInterrupts();
    auto driving = std::async(std::launch::async, [&] {
        return undo ? runner.undo(id, detach.get_token()) : runner.run(id, detach.get_token());
    });
    auto session = openForChange(target);
    auto looked = std::chrono::steady_clock::now();
    while (driving.wait_for(std::chrono::milliseconds(50)) != std::future_status::ready) {
        if (isInterrupted())
            detach.request_stop();
        if (std::chrono::steady_clock::now() - looked < lookInterval)
            continue;
        looked = std::chrono::steady_clock::now();
        if (!session || !session->isAlive())
            session = openForChange(target);
        if (!session)
            continue;
        const auto run = readRunRecord(*session, id);
        if (run)
            progress.show(*run);
    }
    progress.finish();
    return driving.get();
}

ExitCode drive(const Context &context, const ChangeTarget &target, qint64 id, bool undo)
{
    const auto result = driveAndShow(context, target, id, undo);
    const QString statement =
        QStringLiteral("%1 run %2").arg(undo ? QStringLiteral("undo") : QStringLiteral("drive")).arg(id);
    if (!result) {
        audit(context, target, statement, result.error().summary());
        return context.fail(result.error());
    }
    audit(context, target, statement, result->error ? result->error->summary() : endWord(result->end));
    if (context.json) {
        context.printLine(
            {{QStringLiteral("event"), QStringLiteral("end")},
             {QStringLiteral("run"), id},
             {QStringLiteral("end"), endWord(result->end)},
             {QStringLiteral("error"), result->error ? QJsonValue(result->error->summary()) : QJsonValue()}});
    } else {
        context.out << "run " << id << ": " << endWord(result->end) << Qt::endl;
    }
    const ExitCode exitCode = exitCodeOf(result->end);
    if (result->error)
        static_cast<void>(context.fail(*result->error));
    if (exitCode != ExitCode::Done)
        context.err << "“tidemarkctl resume " << id << "” goes on with it, “tidemarkctl undo " << id
                    << "” takes it back." << Qt::endl;
    return exitCode;
}

Result<RunSettings> givenSettings(const Context &context)
{
    TIDEMARK_TRY(const QJsonObject json, settingsJson(context.options.values(QStringLiteral("set"))));
    return RunSettings::fromJson(json, RunSettings());
}

/// Writes the plan down in the database it changes; the part of the toolkit that remembers runs comes with the first.
Result<qint64> confirmRun(const Context &context, const ChangeTarget &target, const Plan &plan)
{
    TIDEMARK_TRY(const RunSettings settings, givenSettings(context));
    TIDEMARK_TRY(pg::Session session, openForChange(target));
    TIDEMARK_CHECK(checkPlanTarget(session, plan));
    if (!context.json)
        context.err << printable(plan.preview(), Lines::Kept) << Qt::endl;
    TIDEMARK_CHECK(askConsent(context, target,
                              QStringLiteral("Run “%1” in database %2").arg(plan.title, session.database()),
                              session.database()));
    return createRun(session, plan, settings);
}

ExitCode run(const Context &context)
{
    const auto created = [&]() -> Result<std::pair<ChangeTarget, qint64>> {
        TIDEMARK_TRY(const Plan plan, readPlan(context));
        TIDEMARK_TRY(ChangeTarget target, changeTarget(context));
        TIDEMARK_TRY(const qint64 id, confirmRun(context, target, plan));
        audit(context, target, plan.preview(), QStringLiteral("confirmed as run %1").arg(id));
        return std::pair(std::move(target), id);
    }();
    if (!created)
        return context.fail(created.error());
    if (!context.json)
        context.err << "run " << created->second << Qt::endl;
    return drive(context, created->first, created->second, false);
}

ExitCode goOn(const Context &context, bool undo)
{
    const auto id = runArgument(context);
    if (!id)
        return context.fail(id.error());
    const auto target = changeTarget(context);
    if (!target)
        return context.fail(target.error());
    const QString what = undo ? QStringLiteral("Undo run %1") : QStringLiteral("Go on with run %1");
    const auto consent = askConsent(context, *target, what.arg(*id), QString::number(*id));
    if (!consent)
        return context.fail(consent.error());
    return drive(context, *target, *id, undo);
}

} // namespace

Verb runVerb()
{
    QList<QCommandLineOption> options = consentOptions();
    options << QCommandLineOption(QStringLiteral("set"), QStringLiteral("A setting of the run, for example workers=4."),
                                  QStringLiteral("NAME=VALUE"));
    return {QStringLiteral("run"),
            QStringLiteral("confirm a plan and run it"),
            QStringLiteral("PLAN.json"),
            options,
            run,
            1};
}

Verb resumeVerb()
{
    return {QStringLiteral("resume"),
            QStringLiteral("go on with a run, wherever it was driven before"),
            QStringLiteral("ID"),
            consentOptions(),
            [](const Context &context) { return goOn(context, false); },
            1};
}

Verb undoVerb()
{
    return {QStringLiteral("undo"), QStringLiteral("take a run back, the last step first"),     QStringLiteral("ID"),
            consentOptions(),       [](const Context &context) { return goOn(context, true); }, 1};
}

} // namespace tidemark::cli
