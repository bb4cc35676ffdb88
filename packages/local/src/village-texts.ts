/** The members and tasks of a village, in Indonesian, the language of the demo's readers. */
export const MEMBERS = [
  ["asep", "Asep Suryana"],
  ["bayu", "Bayu Pratama"],
  ["citra", "Citra Lestari"],
  ["dadan", "Dadan Hermawan"],
  ["eka", "Eka Wahyuni"],
  ["fajar", "Fajar Nugraha"],
  ["gilang", "Gilang Ramadhan"],
  ["hendra", "Hendra Gunawan"],
  ["imas", "Imas Komariah"],
  ["joko", "Joko Santoso"],
  ["kartika", "Kartika Dewi"],
  ["lilis", "Lilis Suryani"],
  ["maman", "Maman Abdurahman"],
  ["neng", "Neng Rohmah"],
  ["oman", "Oman Sutisna"],
  ["puspa", "Puspa Anggraini"],
  ["rina", "Rina Marlina"],
  ["siti", "Siti Aminah"],
  ["tatang", "Tatang Koswara"],
  ["ujang", "Ujang Saepudin"],
  ["vina", "Vina Oktaviani"],
  ["wawan", "Wawan Setiawan"],
  ["yanti", "Yanti Susanti"],
  ["zaenal", "Zaenal Arifin"],
  ["aminah", "Aminah Fauziah"],
  ["beni", "Beni Kurniawan"],
  ["cecep", "Cecep Hidayat"],
  ["dedi", "Dedi Mulyadi"],
  ["euis", "Euis Nurjanah"],
  ["ferdi", "Ferdi Firmansyah"],
  ["gina", "Gina Agustina"],
  ["halimah", "Halimah Tusadiah"],
  ["iwan", "Iwan Ridwan"],
  ["juju", "Juju Juariah"],
] as const;

export type Difficulty = "easy" | "intermediate" | "hard";

/** Tasks: title, description, difficulty, place, hours. */
export const WORK: readonly (readonly [string, string, Difficulty, string, number])[] = [
  [
    "Bersihkan selokan depan pasar",
    "Daun dan plastik menyumbat; jalan banjir tiap hujan. Sarung tangan tersedia.",
    "easy",
    "Pasar Ciwidey",
    2,
  ],
  [
    "Perbaiki atap rumah baca",
    "Empat genteng pecah. Tangga bisa dipinjam dari Pak Rahmat.",
    "intermediate",
    "Rumah Baca Melati",
    3,
  ],
  [
    "Ajar berhitung hari Sabtu",
    "Dua belas anak kelas empat, dua jam, di balai warga.",
    "intermediate",
    "Balai Warga RW 03",
    2,
  ],
  ["Cat ulang pos ronda", "Cat putih dan kuas ada di rumah Pak RT.", "easy", "Pos Ronda RT 02", 3],
  ["Antar sayur ke posyandu", "Dua keranjang, jam tujuh pagi.", "easy", "Posyandu Anggrek", 1],
  ["Perbaiki jembatan bambu", "Tiga bilah bambu lapuk. Bawa golok dan tali.", "hard", "Sungai Cimahi", 6],
  [
    "Tanam pohon di lereng",
    "Seratus bibit kopi dan nangka agar tanah tidak longsor.",
    "intermediate",
    "Lereng Cadas",
    5,
  ],
  [
    "Masak untuk kerja bakti",
    "Nasi liwet untuk empat puluh orang. Bahan sudah dibeli.",
    "intermediate",
    "Dapur Ibu Sari",
    4,
  ],
  ["Dampingi Nenek Ijah ke puskesmas", "Jalan kaki pelan, sekitar setengah jam.", "easy", "RT 04", 2],
  ["Sapu halaman masjid", "Setelah salat subuh, sapu lidi tersedia.", "easy", "Masjid Al-Ikhlas", 1],
  ["Pasang lampu jalan", "Dua tiang di tikungan gelap. Perlu yang paham listrik.", "hard", "Tikungan Cibodas", 4],
  ["Gali sumur resapan", "Sedalam dua meter, bergantian empat orang.", "hard", "Lapangan RW 03", 8],
  ["Pilah sampah bank sampah", "Botol, kardus, kaleng. Timbangan ada.", "easy", "Bank Sampah Mekar", 2],
  ["Perbaiki pompa air", "Pompa berputar tetapi air tidak naik.", "hard", "Mata Air Cikahuripan", 3],
  ["Bacakan cerita untuk anak", "Setiap Rabu sore, buku dari rumah baca.", "easy", "Rumah Baca Melati", 1],
  ["Ronda malam Jumat", "Dua orang, jam sepuluh sampai jam dua.", "easy", "Pos Ronda RT 02", 4],
  ["Ketik surat undangan warga", "Seratus undangan rapat tahunan.", "easy", "Balai Warga RW 03", 2],
  ["Cangkul kebun toga", "Jahe, kunyit dan serai untuk posyandu.", "intermediate", "Kebun Toga", 3],
  ["Periksa tensi lansia", "Perlu perawat atau kader yang terlatih.", "intermediate", "Posyandu Anggrek", 3],
  ["Angkut pasir untuk jalan", "Satu truk pasir, dari jalan besar ke gang.", "hard", "Gang Mawar", 5],
];

export const VOUCHES = [
  "Selalu datang tepat waktu dan bekerja sampai selesai.",
  "Jujur, dan sabar mengajar anak-anak.",
  "Tukang yang teliti. Atap kami tidak bocor lagi.",
  "Membantu tanpa diminta waktu banjir.",
] as const;

export const STATEMENTS = [
  "Airnya mengalir lagi.",
  "Saya lihat sendiri dia bekerja dari pagi.",
  "Anak saya sekarang berani berhitung.",
] as const;

export const REJECTION = "Fotonya gelap, tidak terlihat hasilnya.";
