// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/plan/sqlaction.h"

namespace tidemark {

namespace {

template<typename Executor>
Result<qint64> runAll(Executor &executor, const QStringList &statements, const pg::CallOptions &call)
{
    qint64 rows = 0;
    for (const QString &statement : statements) {
        TIDEMARK_TRY(const auto result, executor.exec(statement.toUtf8(), {}, call));
        rows += result.affectedRows();
    }
    return rows;
}

} // namespace

template<typename Executor>
Status SqlAction::ask(Executor &executor, const std::vector<Check> &checks, const pg::CallOptions &call)
{
    for (const Check &check : checks) {
        TIDEMARK_TRY(const auto answer, executor.exec(check.sql.toUtf8(), {}, call));
        if (answer.isEmpty() || answer.isNull(0, 0) || !answer.boolean(0, 0))
            return fail(Error::input(check.otherwise));
    }
    return {};
}

template Status SqlAction::ask(pg::Session &, const std::vector<Check> &, const pg::CallOptions &);
template Status SqlAction::ask(pg::Transaction &, const std::vector<Check> &, const pg::CallOptions &);

Result<StepOutcome> SqlAction::execute(StepContext &context) const
{
    const Step &step = context.step();
    if (step.transaction == StepTransaction::One) {
        TIDEMARK_TRY(pg::Transaction transaction, context.begin(step.locks));
        TIDEMARK_CHECK(ask(transaction, step.checks, context.call()));
        TIDEMARK_TRY(const qint64 rows, runAll(transaction, step.statements, context.call()));
        TIDEMARK_CHECK(ask(transaction, step.verify, context.call()));
        StepOutcome outcome{rows, {}};
        TIDEMARK_CHECK(context.done(transaction, outcome));
        TIDEMARK_CHECK(transaction.commit());
        return outcome;
    }
    pg::Session &session = context.session();
    TIDEMARK_CHECK(ask(session, step.checks, context.call()));
    TIDEMARK_TRY(const qint64 rows, runAll(session, step.statements, context.call()));
    TIDEMARK_CHECK(ask(session, step.verify, context.call()));
    return StepOutcome{rows, {}};
}

Status SqlAction::undo(StepContext &context) const
{
    const Step &step = context.step();
    if (step.undoTransaction == StepTransaction::One) {
        TIDEMARK_TRY(pg::Transaction transaction, context.begin(step.undoLocks));
        TIDEMARK_TRY([[maybe_unused]] const qint64 rows, runAll(transaction, step.undo, context.call()));
        TIDEMARK_CHECK(context.undone(transaction));
        return transaction.commit();
    }
    TIDEMARK_TRY([[maybe_unused]] const qint64 rows, runAll(context.session(), step.undo, context.call()));
    return {};
}

} // namespace tidemark
