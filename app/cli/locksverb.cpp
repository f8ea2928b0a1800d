// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/json.h"
#include "app/cli/target.h"
#include "app/cli/verbs.h"
#include "core/base/printable.h"
#include "core/base/units.h"

namespace tidemark::cli {

namespace {

QString who(const LockParty &party)
{
    if (party.pid == 0)
        return QStringLiteral("prepared transaction '%1'").arg(printable(party.preparedGid));
    QString text = QString::number(party.pid);
    if (!party.user.isEmpty())
        text += QStringLiteral(" %1@%2").arg(party.user, party.database);
    if (!party.applicationName.isEmpty())
        text += QStringLiteral(" (%1)").arg(party.applicationName);
    return printable(text);
}

void printNode(QTextStream &out, const LockSnapshot &locks, const LockNode &node, int depth)
{
    const LockParty &party = locks.parties[static_cast<std::size_t>(node.party)];
    const QString indent(depth * 4, QLatin1Char(' '));
    out << indent << (depth > 0 ? "└─ " : "") << who(party);
    if (!party.wantedMode.isEmpty())
        out << " wants " << party.wantedMode << " on " << printable(party.object);
    if (party.waitingSince)
        out << ", waiting " << units::duration(millisBetween(*party.waitingSince, locks.takenAt));
    if (depth == 0 && !party.state.isEmpty())
        out << ", " << party.state;
    if (depth == 0 && party.xactStart)
        out << ", in transaction for " << units::duration(millisBetween(*party.xactStart, locks.takenAt));
    if (!party.heldMode.isEmpty())
        out << ", holds " << party.heldMode;
    if (node.blocks > 0)
        out << ", holds up " << node.blocks;
    out << '\n';
    if (!party.query.isEmpty())
        out << indent << "   " << printable(party.query.simplified().left(120)) << '\n';
    for (const LockNode &waiter : node.waiters)
        printNode(out, locks, waiter, depth + 1);
}

ExitCode locks(const Context &context)
{
    const Look look = lookAtAll(context);
    if (context.json) {
        look.print(context, QStringLiteral("edges"), lockEdgesJson(look.servers));
        return look.exitCode;
    }
    for (const auto &server : look.servers) {
        if (look.servers.size() > 1)
            context.out << printable(server->name) << ":\n";
        if (!server->locks) {
            if (look.servers.size() > 1)
                context.out << "Not read.\n";
            continue;
        }
        if (server->locks->edges.empty()) {
            context.out << "Nobody waits.\n";
            continue;
        }
        for (const LockNode &root : lockForest(*server->locks))
            printNode(context.out, *server->locks, root, 0);
    }
    context.out.flush();
    return look.exitCode;
}

} // namespace

Verb locksVerb()
{
    return {QStringLiteral("locks"), QStringLiteral("who waits for whom, root blockers first"), {}, {}, locks};
}

} // namespace tidemark::cli
