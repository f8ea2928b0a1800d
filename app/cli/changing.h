// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/cli/target.h"
#include "core/plan/plan.h"
#include "core/store/confirmation.h"

namespace tidemark::cli {

/// The one database that a verb changes, or drives a run in.
struct ChangeTarget
{
    Profile profile;
    pg::ConnInfo server;  ///< with the password
    bool isNamed = false; ///< by a profile, whose safety then holds; otherwise -d itself is the person's word
};

/// Exactly one server must be chosen. Errors: Input for several; those of chosenTargets().
[[nodiscard]] Result<ChangeTarget> changeTarget(const Context &context);

/// A session that may write, for short statements.
[[nodiscard]] Result<pg::Session> openForChange(const ChangeTarget &target);

/// --yes and --confirm NAME, for verbs that change something.
[[nodiscard]] QList<QCommandLineOption> consentOptions();

/// Whether this may happen: a read-only profile refuses; production wants --confirm with the word; confirm wants --yes, or
/// a yes on the terminal. `what` is a question's beginning: "Run “…” in database x". Error: Safety.
[[nodiscard]] Status askConsent(const Context &context, const ChangeTarget &target, const QString &what,
                                const QString &word);

/// The answer to what an order to a run asks first: production's word from --confirm, otherwise --yes or a yes on the
/// terminal. Error: Safety.
[[nodiscard]] Result<Confirmation> answerTo(const Context &context, const ChangeTarget &target,
                                            const ConfirmationNeeded &needed);

/// Into this workstation's audit, where there is one.
void audit(const Context &context, const ChangeTarget &target, const QString &statement, const QString &outcome);

/// The plan in the file that is the verb's only argument; "-" is standard input. Errors: Input, Local.
[[nodiscard]] Result<Plan> readPlan(const Context &context);

/// The run's number as the verb's only argument. Error: Input.
[[nodiscard]] Result<qint64> runArgument(const Context &context);

/// Settings of a run from words such as "workers=4" and "max_lock_waiters=null". Errors: Input for unknown ones.
[[nodiscard]] Result<QJsonObject> settingsJson(const QStringList &words);

} // namespace tidemark::cli
