// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/changing.h"
#include "app/cli/interrupt.h"
#include "app/cli/texttable.h"
#include "app/cli/verbs.h"
#include "core/base/units.h"
#include "core/changes/rehearsal.h"
#include "core/plan/runorders.h"

#include <future>

namespace tidemark::cli {

namespace {

Result<qint64> rowsWanted(const Context &context, qint64 usual)
{
    const QString text = context.options.value(QStringLiteral("rows"));
    if (text.isEmpty())
        return usual;
    bool isNumber = false;
    const qint64 rows = text.toLongLong(&isNumber);
    if (!isNumber || rows < 0)
        return fail(Error::input(QStringLiteral("--rows %1 is no number of rows").arg(text)));
    return rows;
}

QString locksText(const RehearsedStep &step)
{
    constexpr std::size_t most = 3;
    QStringList texts;
    for (std::size_t index = 0; index < std::min(most, step.locks.size()); ++index) {
        const StepLock &lock = step.locks[index];
        texts << QStringLiteral("%1 on %2").arg(lockModeSql(lock.mode), lock.relation.display());
    }
    if (step.locks.size() > most)
        texts << QStringLiteral("%1 more").arg(step.locks.size() - most);
    if (step.locksOnItsOwn > 0)
        texts << QStringLiteral("%1 on what it made").arg(step.locksOnItsOwn);
    return texts.join(QStringLiteral(", "));
}

void print(const Context &context, const Rehearsal &rehearsal)
{
    TextTable table({{QStringLiteral("#"), TextTable::Align::Right},
                     {QStringLiteral("state")},
                     {QStringLiteral("took"), TextTable::Align::Right},
                     {QStringLiteral("step")},
                     {QStringLiteral("locks")}});
    for (const RehearsedStep &step : rehearsal.steps) {
        const StepRecord &record = step.record;
        const QString took = record.startedAt && record.finishedAt
                                 ? units::duration(millisBetween(*record.startedAt, *record.finishedAt))
                                 : QString();
        table.add({QString::number(record.ordinal), stepStateName(record.state), took, record.title, locksText(step)});
    }
    table.print(context.out);
    for (const QString &note : rehearsal.notes)
        context.err << note << Qt::endl;
    if (!rehearsal.database.isEmpty())
        context.err << "The copy is kept: database " << rehearsal.database << Qt::endl;
}

/// As the window asks. With -d no profile says how safe the server is to be kept: then a yes is asked for.
Status askFirst(const Context &context, const ChangeTarget &target, const RunSubject &subject)
{
    Profile profile = target.profile;
    if (!target.isNamed)
        profile.safety = Safety::Confirm;
    const RunOrders orders(profile, context.history, context.clock);
    TIDEMARK_TRY(const auto needed, orders.confirmation(RunOrder::Rehearse, subject));
    if (!needed)
        return {};
    TIDEMARK_TRY(const Confirmation answer, answerTo(context, target, *needed));
    return orders.check(RunOrder::Rehearse, subject, answer);
}

Result<ExitCode> rehearsePlan(const Context &context)
{
    TIDEMARK_TRY(const Plan plan, readPlan(context));
    TIDEMARK_TRY(const ChangeTarget target, changeTarget(context));
    ScratchCopy::Wish wish;
    wish.original = target.server;
    wish.tables = tablesOf(plan);
    wish.keep = context.options.isSet(QStringLiteral("keep"));
    TIDEMARK_TRY(wish.rows, rowsWanted(context, wish.rows));
    TIDEMARK_TRY(const pg::Session session, openForChange(target));
    TIDEMARK_CHECK(askFirst(context, target, {session.database(), 0, plan.title, {}, false}));
    const QString statement = QStringLiteral("rehearse %1").arg(plan.title);
    audit(context, target, statement, QStringLiteral("begun"));
    catchInterrupts();
    std::stop_source stop;
    auto rehearsing = std::async(std::launch::async, [&] { return rehearse(plan, wish, {}, stop.get_token()); });
    while (rehearsing.wait_for(std::chrono::milliseconds(50)) != std::future_status::ready) {
        if (isInterrupted())
            stop.request_stop();
    }
    const auto ended = rehearsing.get();
    audit(context, target, statement, ended ? runStateName(ended->end) : ended.error().summary());
    if (!ended)
        return fail(ended.error());
    const Rehearsal &rehearsal = *ended;
    if (context.json)
        context.print(rehearsal.toJson());
    else
        print(context, rehearsal);
    if (rehearsal.end == RunState::Succeeded)
        return ExitCode::Done;
    context.err << "the plan does not get through: " << rehearsal.error << Qt::endl;
    return ExitCode::Found;
}

} // namespace

Verb rehearseVerb()
{
    QList<QCommandLineOption> options = consentOptions();
    options << QCommandLineOption(QStringLiteral("rows"),
                                  QStringLiteral("Rows to take along of each table; 10000 by default."),
                                  QStringLiteral("N"))
            << QCommandLineOption(QStringLiteral("keep"), QStringLiteral("Leave the scratch database behind."));
    return {QStringLiteral("rehearse"),
            QStringLiteral("run a plan on a scratch copy of its database, and tell the locks each step took"),
            QStringLiteral("PLAN.json"),
            options,
            [](const Context &context) {
                const auto done = rehearsePlan(context);
                return done ? *done : context.fail(done.error());
            },
            1};
}

} // namespace tidemark::cli
