// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/plan/parallelaction.h"

#include "core/plan/chunkledger.h"
#include "core/plan/sqlaction.h"
#include "core/plan/workers.h"

#include <atomic>
#include <set>

namespace tidemark {

Result<StepOutcome> ParallelAction::execute(StepContext &context) const
{
    const ChunkLedger ledger(context.journal(), context.ordinal());
    TIDEMARK_TRY(const std::vector<Chunk> before, ledger.read(context.session()));
    std::set<int> claimed;
    std::set<int> done;
    for (const Chunk &chunk : before)
        (chunk.done ? done : claimed).insert(chunk.number);
    const QStringList &statements = context.step().statements;
    const int left = static_cast<int>(statements.size()) - static_cast<int>(done.size());

    const int workers = std::clamp(context.control().settings().workers, 1, std::max(left, 1));
    std::atomic<int> next = 0;
    const auto work = [&](pg::Session &session, int worker, const std::stop_token &stop) -> Status {
        // Where all workers have enough to do, the server's own for one index would only add their sorts and merges.
        if (left >= 2 * workers && workers > 1) {
            TIDEMARK_TRY([[maybe_unused]] const auto set, session.exec("SET max_parallel_maintenance_workers = 0"));
        }
        for (int number = next++; number < statements.size(); number = next++) {
            if (done.contains(number))
                continue;
            TIDEMARK_CHECK(context.control().checkpoint());
            if (stop.stop_requested())
                return fail(Error::cancelled());
            if (!claimed.contains(number))
                TIDEMARK_CHECK(ledger.claim(session, number, {}, worker));
            TIDEMARK_TRY(pg::Transaction transaction, pg::Transaction::begin(session));
            TIDEMARK_CHECK(context.journal().guard(transaction));
            pg::CallOptions call = context.call();
            call.stop = stop;
            TIDEMARK_TRY([[maybe_unused]] const auto result, session.execScript(statements.at(number).toUtf8(), call));
            TIDEMARK_CHECK(ledger.done(transaction, number, 0));
            TIDEMARK_CHECK(transaction.commit());
        }
        return {};
    };
    TIDEMARK_CHECK(workTogether(context, workers, work));
    return StepOutcome{{}, {{QStringLiteral("statements"), statements.size()}}};
}

Status ParallelAction::undo(StepContext &context) const
{
    return SqlAction().undo(context);
}

} // namespace tidemark
