import { expect, test } from "vitest";
import { usePlatform } from "../../harness/platform.ts";
import { taskInput } from "../../harness/factories.ts";

const platform = usePlatform({ workers: false });

/** Typical tasks of a village: title, description and place. */
const TASKS = [
  ["Membersihkan selokan RT 03", "Sebelum hujan datang, bawa cangkul dan karung.", "Coblong"],
  ["Kerja bakti kebersihan masjid", "Menyapu halaman dan mengepel lantai.", "Dago"],
  ["Mengecat pagar sekolah", "Cat sudah tersedia, bawa kuas.", "SDN Sukajadi"],
  ["Perbaikan jembatan bambu", "Papan yang lapuk diganti.", "Cikapundung"],
  ["Memperbaiki pompa air warga", "Pompa sumur bor rusak sejak Senin.", "Cibiru"],
  ["Menanam pohon mangga", "Penghijauan di tepi sungai.", "Cikapundung"],
  ["Penanaman bakau di pantai", "Bibit bakau seribu batang.", "Muara Angke"],
  ["Mengajar membaca anak-anak", "Setiap sore di balai desa.", "Balai Desa Sukamaju"],
  ["Pelatihan menjahit ibu-ibu", "Mesin jahit disediakan koperasi.", "Koperasi Melati"],
  ["Memasak untuk dapur umum", "Nasi bungkus bagi korban banjir.", "Posko Baleendah"],
  ["Mengantar obat ke lansia", "Naik sepeda motor, bensin diganti.", "Ujungberung"],
  ["Menjaga pos ronda malam", "Ronda bergiliran tiap malam Minggu.", "RW 07"],
  ["Pembagian sembako", "Beras dan minyak untuk keluarga miskin.", "Gedebage"],
  ["Menggali sumur resapan", "Sepuluh lubang di halaman warga.", "Antapani"],
  ["Pengumpulan sampah plastik", "Ditimbang dan dijual ke bank sampah.", "Pasar Cihapit"],
  ["Merawat taman bermain", "Memotong rumput dan mengecek ayunan.", "Taman Lansia"],
  ["Pindahan perpustakaan desa", "Mengangkat rak dan menata buku.", "Sukamaju"],
  ["Memasang lampu jalan", "Lampu tenaga surya dua belas titik.", "Jalan Melati"],
  ["Servis sepeda gratis", "Montir dan alat dicari.", "Alun-alun"],
  ["Donor darah bersama PMI", "Pendaftaran dan penjagaan antrean.", "Puskesmas Dago"],
  ["Menyusun data warga", "Pendataan penduduk dengan ponsel.", "RW 02"],
  ["Lomba tujuh belasan", "Panitia perlombaan anak.", "Lapangan Merdeka"],
  ["Mengolah kompos", "Sampah dapur menjadi pupuk.", "Kebun Tongkeng"],
  ["Panen padi bersama", "Memotong dan mengikat padi.", "Sawah Pak Asep"],
  ["Menengok tetangga sakit", "Membawa buah dan menemani.", "Gang Kenanga"],
  ["Pemeriksaan kesehatan balita", "Menimbang dan mengukur di posyandu.", "Posyandu Mawar"],
  ["Membangun rumah Bu Ijah", "Atap roboh karena angin.", "Lembang"],
  ["Penerjemahan surat", "Dari bahasa Sunda ke Indonesia.", "Kelurahan"],
  ["Clear the drain", "Before the rain comes.", "Bandung"],
  ["Translate a letter for José", "From Spanish into English.", "Café Rosé"],
  ["Menyiram kebun sayur", "Pagi dan sore selama kemarau.", "Kebun Tongkeng"],
  ["Penyuluhan gizi", "Ahli gizi berbicara kepada ibu hamil.", "Posyandu Mawar"],
  ["Memperlebar jalan setapak", "Agar gerobak bisa lewat.", "Gang Kenanga"],
  ["Menulis buletin kampung", "Penulis dan juru foto dicari.", "RW 05"],
  ["Mengurus jenazah", "Pemandian dan pemakaman.", "TPU Cikadut"],
  ["Kursus komputer lansia", "Belajar mengirim pesan dan foto.", "Balai RW 09"],
  ["Ternak lele bersama", "Memberi pakan dan menguras kolam.", "Cibiru"],
  ["Pengamanan pawai obor", "Berjaga di persimpangan.", "Alun-alun"],
  ["Menyewakan tenda hajatan", "Pasang dan bongkar tenda.", "Sukajadi"],
  ["Mendirikan tenda pengungsi", "Segera, sebelum malam.", "Posko Baleendah"],
] as const;

/** 100 queries, each with the indexes of all matching tasks above. */
const QUERIES: readonly (readonly [q: string, ...right: number[]])[] = [
  ["bersih", 0, 1],
  ["membersihkan", 0, 1],
  ["kebersihan", 0, 1],
  ["dibersihkan", 0, 1],
  ["selokan", 0],
  ["bersihkan selokan", 0],
  ["selok", 0],
  ["cat", 2],
  ["mengecat", 2],
  ["cat pagar", 2],
  ["perbaiki", 3, 4],
  ["perbaikan", 3, 4],
  ["memperbaiki jembatan", 3],
  ["baik pompa", 4],
  ["jembatan", 3],
  ["pompa air", 4],
  ["tanam", 5, 6],
  ["menanam", 5, 6],
  ["penanaman", 5, 6],
  ["ditanam", 5, 6],
  ["tanam pohon", 5],
  ["bakau", 6],
  ["hijau", 5],
  ["ajar", 7, 35],
  ["mengajar", 7, 35],
  ["baca", 7],
  ["anak", 7, 21],
  ["latih", 8],
  ["jahit", 8],
  ["menjahit", 8],
  ["masak", 9],
  ["dimasak", 9],
  ["dapur umum", 9],
  ["antar obat", 10],
  ["mengantarkan", 10],
  ["jaga", 11, 19, 37],
  ["ronda", 11],
  ["penjagaan", 11, 19, 37],
  ["bagi sembako", 12],
  ["beras", 12],
  ["gali", 13],
  ["penggalian sumur", 13],
  ["sumur", 4, 13],
  ["kumpul sampah", 14],
  ["sampah", 14, 22],
  ["plastik", 14],
  ["rawat taman", 15],
  ["perawatan", 15],
  ["rumput", 15],
  ["perpustakaan", 16],
  ["pustaka", 16],
  ["angkat rak", 16],
  ["pasang lampu", 17],
  ["pemasangan", 17, 38],
  ["lampu jalan", 17],
  ["sepeda", 10, 18],
  ["servis", 18],
  ["donor darah", 19],
  ["daftar", 19],
  ["data", 20],
  ["mendata", 20],
  ["susun", 20],
  ["lomba", 21],
  ["perlombaan", 21],
  ["kompos", 22],
  ["olah", 22],
  ["pengolahan kompos", 22],
  ["panen", 23],
  ["padi", 23],
  ["ikat padi", 23],
  ["tengok", 24],
  ["tetangga sakit", 24],
  ["periksa", 25],
  ["sehat", 25],
  ["timbang", 14, 25],
  ["bangun rumah", 26],
  ["pembangunan", 26],
  ["terjemah", 27],
  ["menerjemahkan surat", 27],
  ["drain", 28],
  ["jose", 29],
  ["cafe", 29],
  ["rose", 29],
  ["siram", 30],
  ["penyiraman kebun", 30],
  ["suluh", 31],
  ["gizi", 31],
  ["lebar jalan", 32],
  ["tulis", 33],
  ["menulis", 33],
  ["makam", 34],
  ["mandi", 34],
  ["komputer", 35],
  ["lele", 36],
  ["pawai", 37],
  ["bersihkn", 0],
  ["jembtan", 3],
  ["menannam", 5],
  ["perpustkaan", 16],
  ["sembaco", 12],
];

test("the search of tasks finds at least 95 of 100 expected tasks among the first ten results", async () => {
  const member = await platform.person();
  const ids: string[] = [];
  for (const [title, description, location] of TASKS) {
    const made = await member.post("/v1/tasks", taskInput({ title, description, location }));
    ids.push(String(made.json["id"]));
  }
  let [right, found, shown] = [0, 0, 0];
  const missed: string[] = [];
  for (const [q, ...wanted] of QUERIES) {
    const answer = await member.get(`/v1/tasks?limit=10&q=${encodeURIComponent(q)}`);
    expect(answer.status).toBe(200);
    const ten = [...JSON.stringify(answer.json["data"]).matchAll(/\{"id":"([0-9a-f-]{36})","creator_id"/g)].map(
      ([, id = ""]) => ids.indexOf(id),
    );
    const hits = wanted.filter((n) => ten.includes(n));
    [right, found, shown] = [right + wanted.length, found + hits.length, shown + ten.length];
    if (hits.length < wanted.length)
      missed.push(
        `${q}: ${wanted
          .filter((n) => !ten.includes(n))
          .map((n) => TASKS[n]?.[0])
          .join(", ")}`,
      );
  }
  const percent = (part: number, of: number) => `${((100 * part) / of).toFixed(1)} %`;
  process.stdout.write(
    `${QUERIES.length} queries: recall in the first ten ${percent(found, right)}, precision ${percent(found, shown)}\n${missed.join("\n")}\n`,
  );
  expect(QUERIES).toHaveLength(100);
  expect(found / right).toBeGreaterThanOrEqual(0.95);
  expect(found / shown).toBeGreaterThanOrEqual(0.75);
}, 120_000);

test("a search of tasks supports phrases, OR and exclusion with a hyphen, and no special character causes an error", async () => {
  const member = await platform.person();
  const publish = async (title: string) => String((await member.post("/v1/tasks", taskInput({ title }))).json["id"]);
  const [one, two, three] = [
    await publish("Xylofon merah besar"),
    await publish("Xylofon besar merah"),
    await publish("Xylofon biru"),
  ];
  const found = async (q: string) => {
    const answer = await member.get(`/v1/tasks?creator=me&q=${encodeURIComponent(q)}`);
    expect(answer.status, q).toBe(200);
    return [one, two, three].map((id) => (JSON.stringify(answer.json["data"]).includes(id) ? 1 : 0)).join("");
  };
  expect(await found('xylofon "merah besar"')).toBe("100");
  expect(await found("xylofon -biru")).toBe("110");
  expect(await found('xylofon -"merah besar"')).toBe("011");
  expect(await found("biru or besar")).toBe("111");
  expect(await found("xylofon biru or merah")).toBe("111");
  for (const q of ["'", "a & | !", "((", '"', "-", "or", "or or", "\\ : * <->", "xylofon:*", "💡", "-merah"])
    await found(q);
});
