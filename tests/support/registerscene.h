// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/pg/qualifiedname.h"
#include "tests/support/testdatabase.h"

#include <QRandomGenerator>

#include <set>

namespace tidemark::test {

/// The demo's register: statistical units whose timelines are a chain of five views, and on top of it materialized views. The
/// same views stand a second time in schema orig, where nobody changes them.
class RegisterScene
{
public:
    /// `rows` establishments.
    explicit RegisterScene(TestDatabase &database, int rows = 60);

    /// The chain, each after what it reads.
    [[nodiscard]] static QStringList chain();
    [[nodiscard]] static pg::QualifiedName name(const QString &relation);

    using Units = std::set<std::pair<QString, QString>>; ///< unit_type and unit_id

    /// One random change of the base tables that keeps the keys of the timelines unique. Returns the units that it concerns:
    /// all that belong to the enterprises of what it changed, before it and after.
    Units write(QRandomGenerator &random);

    /// Of the relation's content: order does not matter.
    [[nodiscard]] QString checksum(const QString &relation);
    /// Empty where each of the chain has what the views in schema orig say; else which has not.
    [[nodiscard]] QString differing();

private:
    [[nodiscard]] Units unitsAround(int establishment, int legalUnit);

    TestDatabase &m_database;
    int m_rows;
    int m_next = 100'000;
};

} // namespace tidemark::test
