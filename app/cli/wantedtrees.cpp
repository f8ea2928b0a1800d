// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/wantedtrees.h"

namespace tidemark::cli {

std::vector<std::shared_ptr<const PartitionedTable>> treesOf(const DatabaseSnapshot &database, const WantedName &wanted)
{
    std::vector<std::shared_ptr<const PartitionedTable>> trees;
    if (!database.partitions)
        return trees;
    for (const auto &table : database.partitions->tables) {
        if (wanted.fits(table->name))
            trees.push_back(table);
        if (!wanted.isGiven())
            continue;
        for (const Partition &partition : table->partitions) {
            if (partition.isLeaf || !wanted.fits(partition.name))
                continue;
            if (auto tree = treeBelow(*table, partition.oid, database.takenAt))
                trees.push_back(std::make_shared<const PartitionedTable>(*std::move(tree)));
        }
    }
    return trees;
}

} // namespace tidemark::cli
