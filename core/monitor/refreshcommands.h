// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/pg/qualifiedname.h"

#include <QString>

#include <vector>

namespace tidemark {

/// A REFRESH MATERIALIZED VIEW, or a CALL of refresh_continuous_aggregate with a literal name, found in a statement.
struct RefreshStatement
{
    pg::QualifiedName name; ///< the schema is empty where the statement names none
    bool concurrently = false;
    friend bool operator==(const RefreshStatement &, const RefreshStatement &) = default;
};

/// All of them, in their order. Comments and strings are not told apart, so this is a hint, not a proof. Pure.
[[nodiscard]] std::vector<RefreshStatement> refreshStatementsIn(const QString &sql);

/// Which of `views` a name means for a user without a search_path of his own: his schema, then public, then the only one
/// of that name. An empty name where none, or more than one, could be meant. Pure.
[[nodiscard]] pg::QualifiedName resolveView(const pg::QualifiedName &name, const std::vector<pg::QualifiedName> &views,
                                            const QString &user);

/// Knows the functions that refresh views, so that `SELECT refresh_all()` can be read. A function that calls another is
/// followed; SQL that a function puts together at run time is not.
class RefreshCommands
{
public:
    struct Function
    {
        pg::QualifiedName name;
        QString body;
    };
    void setFunctions(std::vector<Function> functions) { m_functions = std::move(functions); }

    /// What the command refreshes, itself and through functions, without repetition.
    [[nodiscard]] std::vector<RefreshStatement> refreshesOf(const QString &command) const;
    /// Whether the command is one of them and nothing else, so that its end is that of the refresh.
    [[nodiscard]] static bool isSingleRefresh(const QString &command);

private:
    std::vector<Function> m_functions;
};

} // namespace tidemark
