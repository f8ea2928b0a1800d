// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/catalog/fidelity.h"

#include <QTest>

using namespace Qt::Literals::StringLiterals;
using namespace tidemark;

namespace {

TableInventory table()
{
    TableInventory table;
    table.serverVersion = 150'000;
    table.facts.oid = 1;
    table.facts.name = {u"public"_s, u"t"_s};
    table.facts.kind = u"table"_s;
    table.facts.options = {u"fillfactor=70"_s};
    table.facts.privileges = {{u"o"_s, u"a"_s, u"SELECT"_s, false}, {u"o"_s, u"b"_s, u"SELECT"_s, false}};
    for (const QString &name : {u"id"_s, u"at"_s, u"v"_s}) {
        TableColumn column;
        column.name = name;
        column.type = u"bigint"_s;
        table.columns.push_back(column);
    }
    TableIndex key;
    key.oid = 10;
    key.name = key.constraint = u"t_pkey"_s;
    key.isUnique = true;
    key.columns = {u"id"_s};
    key.body = u"USING btree (id)"_s;
    table.indexes = {key};
    TableConstraint constraint;
    constraint.name = constraint.index = u"t_pkey"_s;
    constraint.kind = u"PRIMARY KEY"_s;
    constraint.columns = {u"id"_s};
    constraint.definition = u"PRIMARY KEY (id)"_s;
    table.constraints = {constraint};
    OwnedSequence sequence;
    sequence.name = {u"public"_s, u"t_id_seq"_s};
    sequence.lastValue = 50;
    table.sequences = {sequence};
    Trigger trigger;
    trigger.name = u"touch"_s;
    table.triggers = {trigger};
    return table;
}

QStringList keysOf(const std::vector<Difference> &differences, Difference::Severity severity)
{
    QStringList keys;
    for (const Difference &difference : differences) {
        if (difference.severity == severity)
            keys << difference.key();
    }
    return keys;
}

} // namespace

class TstFidelity : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void numbersSizesAndTheOrderOfGrantsDoNotCount()
    {
        TableInventory other = table();
        other.facts.oid = 2;
        other.facts.bytes = 1'000'000;
        other.facts.rowEstimate = 5;
        other.indexes[0].oid = 11;
        std::swap(other.facts.privileges[0], other.facts.privileges[1]);
        other.sequences[0].lastValue = 51;
        Trigger own;
        own.name = u"tidemark_capture"_s;
        other.triggers.push_back(own);
        QCOMPARE(diff(table(), other).size(), 0U);
    }

    void whatIsLostChangedOrAddedBlocksUntilItIsWaivedByName()
    {
        TableInventory other = table();
        other.facts.privileges.pop_back();
        other.columns[2].type = u"integer"_s;
        std::swap(other.columns[1], other.columns[2]);
        other.triggers.clear();
        other.sequences[0].lastValue = 49;
        other.statistics.push_back({{u"public"_s, u"s"_s}, u"ON a, b"_s, u"o"_s, -1, {}});
        const auto differences = diff(table(), other);
        const QStringList expected{u"table public.t: privileges"_s,
                                   u"column v: type"_s,
                                   u"column *: order"_s,
                                   u"statistics object s: extra"_s,
                                   u"sequence t_id_seq: last_value"_s,
                                   u"trigger touch: missing"_s};
        QCOMPARE(keysOf(differences, Difference::Severity::Blocking), expected);
        QCOMPARE(differences.at(1).source, u"bigint"_s);
        QCOMPARE(differences.at(1).target, u"integer"_s);
        QSet<QString> waivers(expected.begin(), expected.end());
        waivers.remove(u"column v: type"_s);
        const auto left = unwaived(differences, waivers);
        QCOMPARE(keysOf(left, Difference::Severity::Blocking), QStringList{u"column v: type"_s});
    }

    void whatPartitioningDemandsIsExpectedAndSaysWhy()
    {
        TableInventory other = table();
        other.facts.kind = u"partitioned table"_s;
        other.facts.partitionKey = u"RANGE (at)"_s;
        other.facts.options.clear();
        other.columns[1].notNull = true;
        other.indexes[0].columns << u"at"_s;
        other.indexes[0].body = u"USING btree (id, at)"_s;
        other.constraints[0].columns << u"at"_s;
        other.constraints[0].definition = u"PRIMARY KEY (id, at)"_s;
        FidelityRules rules;
        rules.shape = FidelityRules::Shape::Partitioned;
        rules.partitionKey = u"at"_s;
        const auto differences = diff(table(), other, rules);
        QCOMPARE(keysOf(differences, Difference::Severity::Blocking), QStringList());
        QCOMPARE(differences.size(), 8U);
        for (const Difference &difference : differences)
            QVERIFY2(!difference.reason.isEmpty(), qPrintable(difference.key()));
        // The same of a plain table is a loss, and so is any other column in the key.
        QVERIFY(unwaived(diff(table(), other), {}).size() == differences.size());
        other.indexes[0].columns.last() = u"v"_s;
        QCOMPARE(keysOf(diff(table(), other, rules), Difference::Severity::Blocking).size(), 4);
    }

    void beforeTheSwapNamesAreThoseThatWillBe()
    {
        TableInventory other = table();
        other.facts.name.name = u"t_new"_s;
        other.indexes[0].name = other.constraints[0].name = other.constraints[0].index = u"t_pkey_new"_s;
        other.triggers.clear();
        other.sequences.clear();
        FidelityRules rules;
        rules.afterSwap = false;
        rules.names = {{u"t_pkey_new"_s, u"t_pkey"_s}};
        QCOMPARE(keysOf(diff(table(), other, rules), Difference::Severity::Blocking), QStringList());
        rules.names.clear();
        QVERIFY(!diff(table(), other, rules).empty());
    }
};

QTEST_APPLESS_MAIN(TstFidelity)
#include "tst_fidelity.moc"
